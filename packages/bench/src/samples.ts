/** How long a step takes: tinybench takes the samples, each around work that was waited for. */
import { Bench } from "tinybench";
import type { StepFigures } from "./row.js";
import { quantile } from "./statistics.js";

/** How many times of a step are taken. */
export interface Sampling {
  /** Samples are taken for at least so long, and at least `least` of them. */
  readonly seconds: number;
  readonly least: number;
  /** A sample is as many steps as take about so long: messages and clocks then weigh little. */
  readonly sampleMs: number;
  readonly warmSeconds: number;
}

/** Enough for figures that hold within a few percent on a quiet machine. */
export const defaultSampling: Sampling = {
  seconds: 2,
  least: 20,
  sampleMs: 20,
  warmSeconds: 0.5,
};

/** Enough to see that a row works, and about how fast. */
export const quickSampling: Sampling = { seconds: 0.4, least: 3, sampleMs: 10, warmSeconds: 0.1 };

/** Where steps take long, `least` samples may take so many times `seconds`; three there are always. */
const PATIENCE = 5;
const FEWEST = 3;

export interface Sampled {
  /** Gets ready for this many steps; not timed. */
  readonly prepare: (steps: number) => Promise<void> | void;
  /** Takes them and waits for them. */
  readonly run: (steps: number) => Promise<void>;
  readonly mostSteps: number;
}

/** @param onSample is called before each @throws whatever `prepare` and `run` throw; Aborted by `signal` */
export async function sampleSteps(
  { prepare, run, mostSteps }: Sampled,
  { seconds, least, sampleMs, warmSeconds }: Sampling,
  { signal, onSample }: { readonly signal?: AbortSignal | undefined; onSample: () => void },
): Promise<StepFigures> {
  const timeOnce = async (steps: number) => {
    signal?.throwIfAborted();
    onSample();
    await prepare(steps);
    const began = performance.now();
    await run(steps);
    return performance.now() - began;
  };
  const { steps, stepMs } = await calibrate(timeOnce, { sampleMs, warmSeconds, mostSteps });
  const patience = Math.floor((1000 * seconds * PATIENCE) / (stepMs * steps));
  const bench = new Bench({
    time: 1000 * seconds,
    iterations: Math.max(FEWEST, Math.min(least, patience)),
    // The calibration was one, and tinybench's would take as many samples again.
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  bench.add(
    "step",
    async () => {
      const elapsedMs = await timeOnce(steps);
      return { overriddenDuration: elapsedMs / steps, overriddenIterationCost: elapsedMs };
    },
    { async: true },
  );
  await bench.run();
  const { result } = bench.tasks[0]!;
  if (result.state !== "completed") throw new Error(`internal: samples ended as ${result.state}`);
  const samples = result.latency.samples ?? [];
  return {
    p50Ms: quantile(samples, 0.5),
    p95Ms: quantile(samples, 0.95),
    samples: samples.length,
    stepsPerSample: steps,
  };
}

/** Warms up, and finds how many steps make a sample. */
async function calibrate(
  timeOnce: (steps: number) => Promise<number>,
  limits: { readonly sampleMs: number; readonly warmSeconds: number; readonly mostSteps: number },
): Promise<{ readonly steps: number; readonly stepMs: number }> {
  const { sampleMs, warmSeconds, mostSteps } = limits;
  let spentMs = 0;
  let steps = 1;
  for (;;) {
    const elapsedMs = await timeOnce(steps);
    spentMs += elapsedMs;
    const stepMs = Math.max(elapsedMs, 1e-3) / steps;
    const fitting = Math.max(1, Math.min(Math.round(sampleMs / stepMs), mostSteps));
    if (spentMs >= 1000 * warmSeconds) return { steps: fitting, stepMs };
    steps = Math.min(fitting, 4 * steps);
  }
}
