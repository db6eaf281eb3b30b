/** What a benchmark tells: plain data, the same in a file, a message and a table. */
import { type DeviceInfo, typedErrors } from "@hone/core";

/** The work that is timed. */
export type Mode = "train" | "predict";

/** What is timed: one engine, one model, one batch size, one of training and prediction. */
export interface RowIdentity {
  /** The backend's name, or that of a rival: `wasm`, `tfjs-cpu`, `pytorch`. */
  readonly engine: string;
  readonly model: string;
  readonly dataset: string;
  readonly mode: Mode;
  /** Images in a step, or in a call of `predict`. */
  readonly batchSize: number;
  /** Tells apart what the fields above do not: `latency`, `own fit`, `2 threads`. */
  readonly variant?: string;
}

/** Who computed. A rival tells its version in `description`. */
export type EngineInfo = Partial<DeviceInfo> & Pick<DeviceInfo, "description">;

/** One row of a benchmark. Whatever was not measured, or not right, has no figures at all. */
export type BenchmarkRow = RowIdentity & { readonly device?: EngineInfo } & RowOutcome;

/** What became of a row: its figures, or why there are none. */
export type RowOutcome =
  | {
      readonly outcome: "measured";
      /** How the answer was checked, in words. */
      readonly verified: string;
      /** One for each fresh start, in the order they ran. */
      readonly rounds: readonly RoundFigures[];
    }
  | {
      /**
       * `wrong`: it computed something else than the reference. `failed`: it threw, hung or died.
       * `cannot`: it is not here, or lacks what the row asks for.
       */
      readonly outcome: "wrong" | "failed" | "cannot";
      readonly reason: string;
      /** What would help. */
      readonly hint?: string;
    };

/** What one round measured. A rival tells what it can. */
export interface RoundFigures {
  /** The batch size over the median step; for a rival that only tells whole epochs, their median rate. */
  readonly imagesPerSecond: number;
  readonly step?: StepFigures;
  readonly firstStep?: FirstStepFigures;
  /** Training alone: gather included, evaluation and compilation excluded. One an epoch. */
  readonly epochSeconds?: readonly number[];
  readonly evaluations?: readonly AccuracyPoint[];
  /** One for each accuracy asked for. */
  readonly timesToAccuracy?: readonly TimeToAccuracy[];
  /** On the whole test set, when training ended. */
  readonly finalAccuracy?: number;
  /** The most that `device.memory()` told. */
  readonly deviceBytes?: number;
  /** The most that the process held, its program and the data set included. */
  readonly processBytes?: number;
  /** Cores' worth of time that other programs used meanwhile, where the system tells. */
  readonly othersShare?: number;
}

/** Milliseconds of one step; a sample is the mean of `stepsPerSample` steps in a row. */
export interface StepFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly samples: number;
  readonly stepsPerSample: number;
}

/** A cold start, in a process that has computed nothing yet. */
export interface FirstStepFigures {
  readonly openMs: number;
  /** Capturing and planning the model, loading it and its data. */
  readonly compileMs: number;
  readonly stepMs: number;
  readonly totalMs: number;
}

/** One look at the test set. */
export interface AccuracyPoint {
  /** Epochs trained so far; parts of one count. */
  readonly epochs: number;
  /** Of training so far. */
  readonly seconds: number;
  readonly accuracy: number;
}

/** How long it took to reach an accuracy on the test set. */
export interface TimeToAccuracy {
  readonly accuracy: number;
  /** Null when it was not reached, or did not hold. */
  readonly seconds: number | null;
}

/** A row without its outcome. */
export function identityOf(row: RowIdentity): RowIdentity {
  return typedErrors("identityOf", () => {
    const { engine, model, dataset, mode, batchSize, variant } = row;
    const plain = { engine, model, dataset, mode, batchSize };
    return variant === undefined ? plain : { ...plain, variant };
  });
}

/** `train cnn on wasm, batch 64`: how a row is called in progress and errors. */
export function rowTitle(given: RowIdentity): string {
  return typedErrors("rowTitle", () => {
    const { engine, model, mode, batchSize, variant } = given;
    const extra = variant === undefined ? "" : `, ${variant}`;
    return `${mode} ${model} on ${engine}, batch ${batchSize}${extra}`;
  });
}
