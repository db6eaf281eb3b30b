/** Whether a racer's answers are right, and then how fast it is. */
import { type Answers, BATCH_SIZE, type Heat, type Outcome } from "./heats.js";
import { checkedRows, type Racer, type Rows, timedRows } from "./racer.js";

/** Of losses relative to the reference's, and of outputs, which are probabilities. Arithmetic of 32 bits errs by a hundredth of it. */
const TOLERANCE = 1e-3;
/** How long is measured, near enough, in rounds of which the best counts. */
const ROUND_MS = 500;
const ROUNDS = 3;

export async function answersOf(racer: Racer): Promise<Answers> {
  const { batches, predicted } = checkedRows();
  const outputs = Array.from(await racer.predict(predicted));
  return { outputs, losses: await racer.losses(batches) };
}

/** The greatest difference to what it should be. */
export function errorOf(found: Answers, known: Answers): number {
  const apart = (a: readonly number[], b: readonly number[], scale: (value: number) => number) =>
    a.length === b.length
      ? Math.max(
          ...a.map((value, at) => Math.abs(value - (b[at] as number)) / scale(b[at] as number)),
        )
      : Number.POSITIVE_INFINITY;
  const error = Math.max(
    apart(found.losses, known.losses, (value) => Math.max(1e-3, Math.abs(value))),
    apart(found.outputs, known.outputs, () => 1),
  );
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

export async function timeHeat(racer: Racer, heat: Heat, known: Answers): Promise<Outcome> {
  const answers =
    heat.task === "train"
      ? await answersOf(racer)
      : { outputs: Array.from(await racer.predict(checkedRows().predicted)), losses: known.losses };
  const error = errorOf(answers, known);
  if (error > TOLERANCE) {
    return { kind: "wrong", reason: `its answers are off by ${error.toPrecision(2)}` };
  }
  const rows = timedRows(heat);
  const perSecond =
    heat.task === "train" ? await trained(racer, rows) : await predicted(racer, rows);
  return { kind: "timed", perSecond, device: racer.device, error };
}

async function trained(racer: Racer, rows: Rows): Promise<number> {
  const first: Rows = {
    pixels: rows.pixels.subarray(0, (rows.pixels.length / rows.count) * BATCH_SIZE),
    labels: rows.labels.subarray(0, BATCH_SIZE),
    count: BATCH_SIZE,
  };
  await racer.fit(first, 1);
  const step = await millisecondsOf(() => racer.fit(first, 1));
  // Who needs a round for a single step has shown how fast it is.
  if (step > ROUND_MS) return (1000 * BATCH_SIZE) / step;
  const epoch = await millisecondsOf(() => racer.fit(rows, 1));
  return best(rows.count, epoch, (epochs) => racer.fit(rows, epochs));
}

async function predicted(racer: Racer, rows: Rows): Promise<number> {
  await racer.predict(rows);
  const once = await millisecondsOf(() => racer.predict(rows));
  return best(rows.count, once, async (times) => {
    for (let time = 0; time < times; time++) await racer.predict(rows);
  });
}

/** Rows a second in the best of some rounds. @param once about how long one time takes */
async function best(
  rows: number,
  once: number,
  run: (times: number) => Promise<unknown>,
): Promise<number> {
  const times = Math.max(1, Math.round(ROUND_MS / Math.max(once, 0.1)));
  let perSecond = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const taken = await millisecondsOf(() => run(times));
    perSecond = Math.max(perSecond, (1000 * rows * times) / taken);
    if (taken > 3 * ROUND_MS) break;
  }
  return perSecond;
}

async function millisecondsOf(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}
