/**
 * Times every call of a step, in rounds, each beside a product of matrices whose speed depends on
 * nothing but the machine. A machine that other programs slow down slows both, so that the ratio of
 * the two speeds says more of a kernel than its microseconds do.
 */
import { median } from "@hone/bench";
import type { Device } from "@hone/core";
import {
  type CallTime,
  GraphBuilder,
  type ProfiledCall,
  type Profiler,
  profileGraph,
} from "@hone/core/internals";

/** One call of the step, as in the file of `--json`. Times are medians over the rounds. */
export interface CallReport {
  readonly op: string;
  readonly layer: string | null;
  readonly shape: readonly number[];
  /** Of the full dense formulation. */
  readonly flops: number;
  readonly microsecondsPerStep: number;
  readonly microsecondsPerImage: number;
  /** Null for a call that only moves data, as `ofCalibration` is. */
  readonly gflopsPerSecond: number | null;
  /** Of the step's time, from 0 to 1. */
  readonly share: number;
  /** Its GFLOP/s over those of the calibration of the same round. */
  readonly ofCalibration: number | null;
  readonly kernels: readonly { readonly kernel: string; readonly microseconds: number }[];
}

export interface CalibrationReport {
  readonly product: string;
  /** One for each round. */
  readonly gflopsPerSecond: readonly number[];
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface KernelTimes {
  readonly stepsPerRound: number;
  readonly calls: readonly CallReport[];
  /** The sum over all calls. */
  readonly microsecondsPerStep: number;
  readonly imagesPerSecond: number;
  readonly flops: number;
  readonly gflopsPerSecond: number;
  readonly calibration: CalibrationReport;
}

export interface TimingOptions {
  readonly device: Device;
  readonly profiler: Profiler;
  readonly batchSize: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onRound: (round: number) => void;
}

/** Long enough for a round to see through what else a machine does now and then. */
const roundMs = 300;
const calibrationMs = 30;
/** After so long the engine has compiled what it will, and clocks have risen. */
const warmUpMs = 200;

/** Whole tiles of the kernels at hand, whose panels stay in the first cache: near what a core can do. */
const [calibrationRows, calibrationInner, calibrationColumns] = [66, 256, 64];

export async function timeKernels(options: TimingOptions): Promise<KernelTimes> {
  const { device, profiler, rounds, signal } = options;
  const calibration = await profileGraph(device, "calibration", calibrationGraph());
  try {
    const steps = await stepsFor(roundMs, profiler, (count) => profiler.profile(count));
    const products = await stepsFor(calibrationMs, calibration, (count) => calibration.run(count));
    const gflops: number[] = [];
    const times: (readonly CallTime[])[] = [];
    for (let round = 1; round <= rounds; round++) {
      signal.throwIfAborted();
      options.onRound(round);
      const milliseconds = await calibration.run(products);
      gflops.push(rate(calibration.calls[0]!.flops * products, 1000 * milliseconds));
      times.push(await profiler.profile(steps));
    }
    return { stepsPerRound: steps, ...summary(profiler.calls, times, gflops, options.batchSize) };
  } finally {
    calibration.dispose();
  }
}

/** A product of one call that every backend has. */
function calibrationGraph() {
  const builder = new GraphBuilder();
  const values = (rows: number, columns: number) =>
    builder.constant(
      Float32Array.from({ length: rows * columns }, (_, index) => ((index % 13) - 6) / 8),
      [rows, columns],
    );
  const left = values(calibrationRows, calibrationInner);
  const right = values(calibrationInner, calibrationColumns);
  const shape = [calibrationRows, calibrationColumns];
  const product = builder.persistent("product", "metric", shape);
  const attributes = { transposeA: false, transposeB: false };
  builder.opInto("BatchMatMul", [left, right], product, attributes);
  return builder.build();
}

/** Warms up, and gives the count of steps that takes about `wantedMs`. */
async function stepsFor(
  wantedMs: number,
  { mostSteps }: Profiler,
  run: (steps: number) => Promise<unknown>,
): Promise<number> {
  const beganMs = performance.now();
  let steps = 1;
  for (;;) {
    const startMs = performance.now();
    await run(steps);
    const now = performance.now();
    const fitting = Math.round((steps * wantedMs) / Math.max(now - startMs, 0.001));
    const next = Math.max(1, Math.min(fitting, mostSteps));
    // The first guess holds for code that is not compiled yet, or for a single step.
    if (now - beganMs >= warmUpMs) return next;
    steps = Math.min(next, 8 * steps);
  }
}

/** @param times call by call, for each round; @param gflops of the calibration, for each round */
export function summary(
  calls: readonly ProfiledCall[],
  times: readonly (readonly CallTime[])[],
  gflops: readonly number[],
  batchSize: number,
): Omit<KernelTimes, "stepsPerRound"> {
  const timed = calls.map((call, index) => {
    const rounds = times.map((round) => round[index]!);
    const kernels = rounds[0]!.kernels.map(({ kernel }, place) => ({
      kernel,
      microseconds: median(rounds.map((round) => round.kernels[place]!.microseconds)),
    }));
    const ratios = rounds.map(
      ({ microseconds }, round) => rate(call.flops, microseconds) / gflops[round]!,
    );
    return { call, kernels, microseconds: sumOf(kernels), ofCalibration: median(ratios) };
  });
  const total = sumOf(timed);
  const flops = calls.reduce((sum, call) => sum + call.flops, 0);
  return {
    calls: timed.map(({ call, kernels, microseconds, ofCalibration }) => ({
      op: call.op,
      layer: call.layer ?? null,
      shape: call.output,
      flops: call.flops,
      microsecondsPerStep: microseconds,
      microsecondsPerImage: microseconds / batchSize,
      gflopsPerSecond: call.flops > 0 ? rate(call.flops, microseconds) : null,
      share: microseconds / total,
      ofCalibration: call.flops > 0 ? ofCalibration : null,
      kernels,
    })),
    microsecondsPerStep: total,
    imagesPerSecond: (1e6 * batchSize) / total,
    flops,
    gflopsPerSecond: rate(flops, total),
    calibration: {
      product: `[${calibrationRows},${calibrationInner}] x [${calibrationInner},${calibrationColumns}]`,
      gflopsPerSecond: gflops,
      min: Math.min(...gflops),
      median: median(gflops),
      max: Math.max(...gflops),
    },
  };
}

/** In GFLOP/s. A call too short for the clock counts as its shortest tick. */
function rate(flops: number, microseconds: number): number {
  return flops / (1000 * Math.max(microseconds, 1e-3));
}

function sumOf(parts: readonly { readonly microseconds: number }[]): number {
  return parts.reduce((sum, { microseconds }) => sum + microseconds, 0);
}
