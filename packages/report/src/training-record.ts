/** A training run as a page and a model card tell of it: plain data. */
import type { MadeOn } from "./made-on.js";
import type { Mistakes } from "./mistakes.js";

/** Its date is when it ended. */
export interface TrainingReportRecord extends MadeOn {
  readonly model: string;
  readonly parameters?: number;
  readonly dataset: string;
  /** True where the images were drawn by code, which the page must say. */
  readonly synthetic: boolean;
  readonly rows: { readonly training: number; readonly validation: number; readonly test: number };
  readonly device: string;
  /** Why this device. */
  readonly why: string;
  /** What else was looked at, where the device was chosen by measuring. */
  readonly candidates?: readonly DeviceCandidate[];
  /** From the first to the last. */
  readonly layers?: readonly ModelLayer[];
  readonly settings: Readonly<Record<string, string | number>>;
  readonly epochs: readonly TrainingReportEpoch[];
  /** The loss of each step, from the first on. */
  readonly stepLosses: readonly number[];
  /** Missing until the model was tested. */
  readonly result?: TrainingReportResult;
  /** One a class; their numbers unless given. */
  readonly classNames?: readonly string[];
  /** The last line. */
  readonly madeBy?: string;
}

/** A backend that was looked at before one was chosen. */
export interface DeviceCandidate {
  readonly name: string;
  readonly outcome: string;
  readonly reason: string;
  /** Milliseconds: a step, and all that was asked for. Missing where it was not timed. */
  readonly figures?: { readonly stepMs?: number; readonly totalMs: number };
}

/** A layer of the model that was trained. */
export interface ModelLayer {
  readonly name: string;
  /** Its class: "Dense". */
  readonly kind: string;
  /** Of a row of its output: "28 × 28 × 32". */
  readonly shape: string;
  readonly parameters: number;
}

/** Accuracies are missing, null or NaN for a regression, validation's figures where nothing validated. */
export interface TrainingReportEpoch {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly testLoss?: number;
  readonly testAccuracy?: number;
  /** Every figure under tfjs's name, `val_…` of validation; those above unless given. */
  readonly figures?: ReportFigures;
  /** The same of tests. */
  readonly testFigures?: ReportFigures;
  readonly seconds: number;
}

/** Losses and metrics by name; null and NaN are no value. */
export type ReportFigures = Readonly<Record<string, number | null>>;

/** How the classes of an output were told apart. */
export interface TrainingReportClasses {
  /** `[truth][prediction]` counts; empty for a regression. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly {
    readonly precision: number;
    readonly recall: number;
    readonly support: number;
  }[];
}

export interface TrainingReportResult extends TrainingReportClasses {
  readonly loss: number;
  readonly accuracy: number;
  /** Every figure under tfjs's name; loss and accuracy unless given. */
  readonly figures?: ReportFigures;
  /** By name, where the model has several outputs. */
  readonly byOutput?: Readonly<Record<string, TrainingReportClasses>>;
  readonly imagesPerSecond: number;
  readonly mistakes?: Mistakes;
}
