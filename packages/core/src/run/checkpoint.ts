/**
 * Everything that decides how a session goes on, as one plain value: it survives structured cloning, and @hone/core/io
 * and @hone/data write it to files. Nothing of it belongs to a device.
 */
import type { Optimizer } from "../graph/optimizer.js";
import type { StoppingState } from "./early-stopping.js";
import type { EpochEnd } from "./records.js";

/** Of this layout. A checkpoint of another one is refused by its number. */
export const CHECKPOINT_FORMAT = 1;

/** Row-major. Weights and slots are float64 where a device holds them so, and float32 on all others. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Bytes of an input are read as `byte · scale + offset`. */
interface SavedScaling {
  readonly scale: number;
  readonly offset: number;
}

/** A training in the middle, or over: then no step of it is left, and its figures are. */
export interface SavedTraining {
  /** As `fit` was given them; data sets are not kept. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What it was trained and validated on: data sets by a sum of their content. */
  readonly on: {
    readonly kind: "dataset" | "stream";
    readonly rows?: number;
    readonly content?: number;
    readonly validation?: { readonly rows: number; readonly content: number };
  };
  /** Number of its first step, counted over the session. */
  readonly firstStep: number;
  /** From 1. */
  readonly epoch: number;
  /** Of this epoch, before the pass it is in; a data set's epoch is one pass, a stream's one for each shard. */
  readonly before: {
    readonly steps: number;
    readonly rows: number;
    readonly passes: number;
    readonly allPasses: number;
  };
  /** The pass it is in: which order of the rows, its first step, and how many steps were taken. */
  readonly pass?: { readonly order: number; readonly firstStep: number; readonly step: number };
  /** Rows that the tensor `sums` has taken in. */
  readonly sumsRows?: number;
  /** Milliseconds this epoch has trained. */
  readonly epochMs: number;
  readonly ended: readonly EpochEnd[];
  readonly stopping?: StoppingState;
}

interface CheckpointBase {
  readonly format: typeof CHECKPOINT_FORMAT;
  /** A sum over what the model computes and how it is judged; a checkpoint fits only where it is the same. */
  readonly structure: string;
  /** The arithmetic of the device that made it: on others of the same arithmetic the bits stay the same. */
  readonly numerics: string;
  readonly seed: number;
  /** Names of the weights for people, by tensor. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Weights and slots by the names they have in the graph; `best/…` and `start/…` are weights that early stopping keeps,
   * and `sums` the figures of the epoch so far.
   */
  readonly tensors: Readonly<Record<string, SavedTensor>>;
}

/** Of a session that `compile` made. */
export interface SessionCheckpoint extends CheckpointBase {
  readonly kind: "session";
  readonly optimizer: Optimizer;
  /** Steps taken. */
  readonly step: number;
  /** Orders of rows drawn. */
  readonly epochs: number;
  /** Steps of predictions, by which random layers draw. */
  readonly predictionSteps: number;
  /** How bytes are scaled, by input. */
  readonly scales: Readonly<Record<string, SavedScaling>>;
  readonly training?: SavedTraining;
}

/** How far one function of a program has come. */
export interface SavedFunction {
  readonly step: number;
  readonly passes: number;
  /** The pass over a data set that it is in. */
  readonly pass?: {
    readonly rows: number;
    readonly content: number;
    readonly batchSize: number;
    readonly firstStep: number;
  };
}

/** Of what `program` made. */
export interface ProgramCheckpoint extends CheckpointBase {
  readonly kind: "program";
  readonly functions: Readonly<Record<string, SavedFunction>>;
}

/** @see SessionCheckpoint, ProgramCheckpoint */
export type Checkpoint = SessionCheckpoint | ProgramCheckpoint;
