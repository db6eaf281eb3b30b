/** What a program is made of, and what a run of one of its functions is given and gives. */
import type { Device } from "../backend.js";
import type { Optimizer } from "../graph/optimizer.js";
import type { ModelGraph, Template, WeightInfo } from "../graph/template.js";
import type { ProgramCheckpoint } from "./checkpoint.js";
import type { FailoverPlan } from "./failover.js";
import { checkOptions, isBoolean, isCount, isRate, SIGNAL_OPTION } from "./options.js";
import type { Rows } from "./predict.js";
import type { DeclaredInput } from "./rows.js";

/** One function, traced. */
export interface ProgramFunction {
  readonly name: string;
  readonly kind: "minimize" | "gradients" | "compute";
  readonly template: Template<ModelGraph>;
  /** Places of its variables among the program's. */
  readonly variables: readonly number[];
  readonly optimizer: Optimizer | undefined;
}

export interface ProgramParts {
  readonly device: Device;
  readonly failover: FailoverPlan;
  /** The state to begin with. */
  readonly resume: ProgramCheckpoint | undefined;
  readonly seed: number;
  readonly inputs: readonly DeclaredInput[];
  readonly functions: readonly ProgramFunction[];
  /** All variables, in their order. */
  readonly weights: readonly WeightInfo[];
  readonly values: readonly Float32Array[];
  readonly warnings: readonly string[];
  /** Gives the tf.Variables values, in their order. */
  readonly writeBack: (values: readonly Float32Array[]) => void;
  /** Places of what was given as variables: a tf.Variable, a layer's, a model's, or several. */
  readonly placesOf: (given: unknown, which: "trainable" | "every") => readonly number[];
}

/** How `run` goes through a data set. */
export interface RunOptions {
  /** Steps to take; 1 unless given, a whole pass for a data set. */
  readonly steps?: number;
  /** Rows of a step of a data set; 64 unless given. */
  readonly batchSize?: number;
  /** Draw a new order of a data set for each pass; true unless said otherwise. */
  readonly shuffle?: boolean;
  /** The optimizer's own unless given. */
  readonly learningRate?: number;
  /** Rows, for a function that reads no input; 1 unless given. */
  readonly batch?: number;
  /** Ends the run between two steps, within a second or so; the steps it has taken are kept. */
  readonly signal?: AbortSignal;
}

/** What steps with a loss found; figures are those before each step. */
export interface LossResult {
  /** Of the last step. */
  readonly loss: number;
  /** Of each step; of the last 1,024 where there were more. */
  readonly losses: Float32Array;
}
export interface GradientsResult extends LossResult {
  /** Of the last step, by the variables' names. */
  readonly gradients: Readonly<Record<string, Rows>>;
}
/** Data and shape are those of the only result; `results` has them by name. */
export interface ComputeResult extends Rows {
  readonly results: Readonly<Record<string, Rows>>;
}
export type RunResult = LossResult | GradientsResult | ComputeResult;

const OPTIONS = {
  steps: { is: isCount, wanted: "a whole number above 0" },
  batchSize: { is: isCount, wanted: "a whole number above 0" },
  shuffle: { is: isBoolean, wanted: "true or false" },
  learningRate: { is: isRate, wanted: "a number from 0 on" },
  batch: { is: isCount, wanted: "a whole number above 0" },
  signal: SIGNAL_OPTION,
} as const;

/** @throws BadArgument, naming the option */
export function checkRunOptions(name: string, options: RunOptions): void {
  checkOptions(`run "${name}"`, options, OPTIONS, { epochs: "Give `steps`" });
}
