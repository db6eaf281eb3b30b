/** Times a function that is called again and again, the same way for Hone and its rivals. */
import { median, quantile } from "./statistics.mjs";

/**
 * Calls `run` for `warmSeconds`, then for `seconds` and at least `leastRuns` times, each call timed
 * by itself.
 * @returns {Promise<{ medianMs: number, p95Ms: number, runs: number }>}
 */
export async function timeRuns(run, { warmSeconds = 0.5, seconds = 2, leastRuns = 30 } = {}) {
  const warmEnd = performance.now() + 1000 * warmSeconds;
  do await run();
  while (performance.now() < warmEnd);
  const times = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < leastRuns || performance.now() < end) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return { medianMs: median(times), p95Ms: quantile(times, 0.95), runs: times.length };
}
