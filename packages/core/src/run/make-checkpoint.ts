/** A session's state as a checkpoint. */
import { HoneError } from "../errors.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { WeightInfo } from "../graph/template.js";
import type { TypedArray } from "../typed-array.js";
import {
  CHECKPOINT_FORMAT,
  type SavedTensor,
  type SavedTraining,
  type SessionCheckpoint,
} from "./checkpoint.js";
import { type StateTensors, SUMS } from "./checkpoint-tensors.js";
import type { Snapshot } from "./snapshots.js";
import { weightOf } from "./tensor-checks.js";
import { isOver, type RunMark, type SessionMark } from "./training-run.js";

/** What stays the same over a session. */
export interface SessionFacts {
  readonly structure: string;
  readonly numerics: string;
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly weights: readonly WeightInfo[];
  readonly predictionSteps: number;
  readonly scales: SessionCheckpoint["scales"];
}

/** @throws BadArgument for a training that a function decides, which no file could hold */
export function sessionCheckpoint(
  facts: SessionFacts,
  { tensors, mark }: Snapshot<SessionMark>,
): SessionCheckpoint {
  const { weights, ...others } = facts;
  const { step, epochs } = mark;
  // What decided a training that is over decides nothing any more.
  const isPast =
    mark.run && isOver(mark.run) && typeof mark.run.options.learningRate === "function";
  const run = isPast ? undefined : mark.run;
  return {
    format: CHECKPOINT_FORMAT,
    kind: "session",
    ...others,
    step,
    epochs,
    labels: labelsOf(weights),
    ...(run && { training: savedTraining(run) }),
    tensors: {
      ...savedTensors(tensors, weights),
      ...(run?.best && savedTensors(run.best, weights, "best/")),
      ...(run?.start && savedTensors(run.start, weights, "start/")),
      ...(run?.sums && { [SUMS]: { shape: [run.sums.sums.length], data: run.sums.sums } }),
    },
  };
}

export function labelsOf(weights: readonly WeightInfo[]): Readonly<Record<string, string>> {
  return Object.fromEntries(weights.map(({ name, label }) => [name, label]));
}

/** Tensors under a prefix; slots have the shape of the weight in their name. */
export function savedTensors(
  tensors: StateTensors,
  weights: readonly WeightInfo[],
  prefix = "",
): Record<string, SavedTensor> {
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape]));
  const saved: Record<string, SavedTensor> = {};
  for (const [name, values] of tensors) {
    const shape = shapes.get(weightOf(name)) ?? [values.length];
    saved[prefix + name] = { shape, data: floats(values) };
  }
  return saved;
}

function floats(values: TypedArray): Float32Array | Float64Array {
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  return Float32Array.from(values);
}

function savedTraining(run: RunMark): SavedTraining {
  const { options, pass, sums, stopping, best: _best, start: _start, ...others } = run;
  const { learningRate, validation } = options;
  if (typeof learningRate === "function") {
    const what =
      "the learning rate is a function, which a checkpoint cannot hold. Give a schedule: oneCycle, cosineDecay, piecewise …";
    throw new HoneError("BadArgument", "checkpoint", what);
  }
  const { validation: _validation, ...plain } = options;
  return {
    ...others,
    options: { ...plain, ...(typeof validation === "number" && { validation }) },
    ...(pass && { pass }),
    ...(sums && { sumsRows: sums.rows }),
    ...(stopping && { stopping }),
  };
}
