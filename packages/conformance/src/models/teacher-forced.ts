/**
 * Training on two devices, compared step by step: each step of the tested device starts from the
 * reference's weights and slots.
 *
 * Left to themselves the two drift apart after some tens of steps, as float32 must. Even so a step may
 * differ visibly: where two cells of a pool or the two sides of a relu nearly tie, rounding decides
 * which one has the gradient. Hence limits for the median, for most steps, and for all.
 */
import type { Device, TypedArray } from "@hone/core/backend";
import { gradientBuffer } from "@hone/core/internals";
import { largest, largestDifference } from "../compare.js";
import { type Trainee, Trainer, type TrainerOptions, type TrainingRows } from "./trainer.js";

const LOSS_LIMIT = 1e-5;
const MEDIAN_LIMIT = 2e-5;
const USUAL_LIMIT = 1e-4;
const USUAL_SHARE = 0.9;
const EVERY_LIMIT = 5e-2;
/** Fewer steps than this say nothing of "most". */
const STEPS_FOR_SHARE = 50;
/** Of a parameter's update in the mean, over elements whose gradient is clear. */
const UPDATE_LIMIT = 2e-2;
/** Adam's first steps follow the sign of a gradient, however small: below this share of the largest it is unclear. */
const CLEAR_SHARE = 1e-2;
const STATISTICS_LIMIT = 1e-4;

export interface Comparison {
  readonly steps: number;
  /** Relative, by step. */
  readonly lossErrors: readonly number[];
  /** Largest difference over the tensor's largest value, by step; for each trainable parameter. */
  readonly gradientErrors: ReadonlyMap<string, readonly number[]>;
  /** Mean difference of the parameter over the reference's mean update, by step whose gradient agrees. */
  readonly updateErrors: ReadonlyMap<string, readonly number[]>;
  /** Largest difference of moving statistics over their largest value. */
  readonly statisticsError: number;
  /** Trainable parameters that no step moved on the tested device, and on the reference. */
  readonly unmoved: readonly string[];
  readonly unmovedOnReference: readonly string[];
}

export interface TeacherForcedOptions extends TrainerOptions {
  /**
   * A gradient smaller than this share of the largest one in the model is compared with that share: it is
   * what rounding leaves where terms cancel, as for a bias before batch normalisation. 1e-6 unless given.
   */
  readonly smallestShare?: number;
}

/** Trains on both devices. @param reference a 64-bit device */
export async function teacherForced(
  reference: Device,
  tested: Device,
  trainee: Trainee,
  data: TrainingRows,
  options: TeacherForcedOptions,
): Promise<Comparison> {
  const { batch, steps, smallestShare = 1e-6 } = options;
  const teacher = await Trainer.open(reference, trainee, data, options);
  const pupil = await Trainer.open(tested, trainee, data, options);
  const { parameters, memory } = teacher;
  const statistics = trainee.weights.filter(({ role }) => role === "state").map(({ name }) => name);
  const gradientNames = parameters.map((name) => gradientBuffer(name));
  const names = [...gradientNames, ...memory];

  const lossErrors: number[] = [];
  const gradientErrors = new Map(parameters.map((name) => [name, [] as number[]]));
  const updateErrors = new Map(parameters.map((name) => [name, [] as number[]]));
  const moved = { teacher: new Set<string>(), pupil: new Set<string>() };
  let statisticsError = 0;

  for (let step = 0; step < steps; step++) {
    // Both start from numbers that float32 holds.
    const start = (await teacher.executable.read(memory)).map((values) =>
      Float32Array.from(values),
    );
    teacher.writeAll(memory, start);
    pupil.writeAll(memory, start);
    const before = new Map(memory.map((name, at) => [name, start[at] as Float32Array]));
    teacher.run(batch, step, 1);
    pupil.run(batch, step, 1);
    const [wantedLoss] = (await teacher.losses(step, 1)) as [number];
    const [foundLoss] = (await pupil.losses(step, 1)) as [number];
    lossErrors.push(Math.abs(foundLoss - wantedLoss) / Math.max(Math.abs(wantedLoss), 1e-6));
    const wanted = named(names, await teacher.executable.read(names));
    const found = named(names, await pupil.executable.read(names));

    const sizes = parameters.map((name) => largest(wanted(gradientBuffer(name))));
    const smallest = smallestShare * Math.max(...sizes);
    for (const [at, name] of parameters.entries()) {
      const apart = largestDifference(found(gradientBuffer(name)), wanted(gradientBuffer(name)));
      const size = Math.max(sizes[at] as number, smallest);
      const gradientError = apart === 0 ? 0 : apart / size;
      gradientErrors.get(name)?.push(gradientError);
      const origin = before.get(name) as Float32Array;
      // Rounding the parameter itself is no fault of the update, nor does it move it.
      const rounding = 2 ** -23 * largest(origin);
      const cancelled = (sizes[at] as number) < smallest;
      if (!cancelled && gradientError <= USUAL_LIMIT) {
        const clear = clearElements(wanted(gradientBuffer(name)), sizes[at] as number);
        const update = meanDifference(wanted(name), origin, clear);
        const off = meanDifference(found(name), wanted(name), clear);
        updateErrors.get(name)?.push(off <= rounding ? 0 : off / update);
      }
      if (largestDifference(wanted(name), origin) > rounding) moved.teacher.add(name);
      if (largestDifference(found(name), origin) > 0) moved.pupil.add(name);
    }
    for (const name of statistics) {
      const error = largestDifference(found(name), wanted(name)) / largest(wanted(name));
      statisticsError = Math.max(statisticsError, error);
    }
  }
  teacher.dispose();
  pupil.dispose();
  return {
    steps,
    lossErrors,
    gradientErrors,
    updateErrors,
    statisticsError,
    unmoved: parameters.filter((name) => !moved.pupil.has(name)),
    unmovedOnReference: parameters.filter((name) => !moved.teacher.has(name)),
  };
}

/** What is outside of the limits; for people. */
export function faultsOf(comparison: Comparison, trainee: Trainee): string[] {
  const { steps, lossErrors, gradientErrors, updateErrors, statisticsError } = comparison;
  const label = (name: string) =>
    `${name} (${trainee.weights.find((weight) => weight.name === name)?.label})`;
  const faults: string[] = [];
  const beyond = (what: string, value: number, limit: number) => {
    if (!(value <= limit)) faults.push(`${what} is ${value.toPrecision(3)}, allowed ${limit}`);
  };
  beyond("largest relative error of the loss", Math.max(...lossErrors), LOSS_LIMIT);
  for (const [name, errors] of gradientErrors) {
    beyond(`largest error of the gradient of ${label(name)}`, Math.max(...errors), EVERY_LIMIT);
    if (steps < STEPS_FOR_SHARE) continue;
    beyond(`median error of the gradient of ${label(name)}`, median(errors), MEDIAN_LIMIT);
    const unusual = errors.filter((error) => !(error <= USUAL_LIMIT)).length / steps;
    beyond(`share of steps in which ${label(name)} errs`, unusual, 1 - USUAL_SHARE + 1e-9);
  }
  beyond(
    "median error of all gradients",
    median([...gradientErrors.values()].flat()),
    MEDIAN_LIMIT,
  );
  for (const [name, errors] of updateErrors) {
    beyond(`mean error of the update of ${label(name)}`, median(errors), UPDATE_LIMIT);
  }
  beyond("largest error of moving statistics", statisticsError, STATISTICS_LIMIT);
  const { unmoved, unmovedOnReference } = comparison;
  for (const name of unmoved) {
    if (!unmovedOnReference.includes(name)) faults.push(`${label(name)} does not move`);
  }
  return faults;
}

/** One line of figures. */
export function summaryOf({ lossErrors, gradientErrors }: Comparison): string {
  const errors = [...gradientErrors.values()].flat();
  const figures = [Math.max(...lossErrors), median(errors), Math.max(...errors)];
  const [loss, middle, most] = figures.map((figure) => figure.toExponential(1));
  return `loss error ${loss}, gradient errors: median ${middle}, largest ${most}`;
}

const named = (names: readonly string[], values: readonly TypedArray[]) => {
  const byName = new Map(names.map((name, at) => [name, values[at] as TypedArray]));
  return (name: string) => byName.get(name) as TypedArray;
};

/** Indices of the elements whose gradient rounding cannot turn around. */
function clearElements(gradient: TypedArray, size: number): number[] {
  const clear: number[] = [];
  for (let at = 0; at < gradient.length; at++) {
    if (Math.abs(gradient[at] as number) >= CLEAR_SHARE * size) clear.push(at);
  }
  return clear;
}

function meanDifference(a: TypedArray, b: TypedArray, elements: readonly number[]): number {
  let sum = 0;
  for (const at of elements) sum += Math.abs((a[at] as number) - (b[at] as number));
  return sum / elements.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
