/**
 * What a study leaves behind: plain data, written by whoever trains and read by all the analysis here.
 *
 * A run's record holds what was asked for, so that a later study can tell whether it still needs the run,
 * and what was given to each test image, so that every figure of a report can be made again from it.
 */

/** The two families of the published study, by their parts. */
export type StudyNetwork =
  | {
      readonly family: "cnn";
      readonly filters: number;
      readonly kernelSize: number;
      readonly dropout: number;
    }
  | {
      readonly family: "mlp";
      readonly units: readonly [number, number];
      readonly dropout: number;
    };

/** One row of the study's table of models. */
export interface StudyModel {
  /** `cnn`, `cnn-tuned`, `cnn-filters-64`. */
  readonly name: string;
  readonly network: StudyNetwork;
  readonly learningRate: number;
  /** Set on a model that differs from a plain one by a single tuning choice. */
  readonly variant?: {
    /** The plain model's name. */
    readonly of: string;
    /** In short: "64 filters". */
    readonly choice: string;
    /** Whole: "64 filters instead of 32". */
    readonly change: string;
  };
}

/** What a run's images were, exactly. */
export interface StudyData {
  /** As asked for: `mnist`, or a folder. */
  readonly name: string;
  readonly trainRows: number;
  readonly testRows: number;
  /** SHA-256 over pixels and labels of both parts, hexadecimal. */
  readonly fingerprint: string;
}

/** All that decides a run's outcome on one kind of arithmetic. */
export interface StudyRunSettings {
  readonly model: string;
  readonly network: StudyNetwork;
  readonly data: StudyData;
  readonly optimizer: "adam";
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
}

export interface StudyDevice {
  readonly backend: string;
  readonly description: string;
  /** Same numerics and same seed give the same weights, bit by bit. */
  readonly numerics: string;
  readonly threads: number;
}

export interface StudyEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the training images, as their steps saw them: with dropout where the model has it. */
  readonly loss: number;
  readonly accuracy: number;
  /** Over all test images, after the epoch. */
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Training alone. */
  readonly seconds: number;
}

/** The class given to each test image after the last epoch. */
export interface StudyPredictions {
  /** One character an image: the class in base 36. */
  readonly classes: string;
  /** Four digits an image: the probability given to that class, in ten-thousandths, at most 9999. */
  readonly confidence: string;
}

/** The file of one run. */
export interface StudyRun {
  readonly record: typeof studyRunFormat;
  readonly settings: StudyRunSettings;
  readonly outcome: StudyOutcome;
  /** Those that ended: fewer than asked for when the run diverged. */
  readonly epochs: readonly StudyEpoch[];
  /** Steps of training taken in `epochs`. */
  readonly steps: number;
  readonly time: StudyRunTime;
  readonly device: StudyDevice;
  /** Of Hone. */
  readonly version: string;
}

export type StudyOutcome =
  | { readonly kind: "finished"; readonly predictions: StudyPredictions }
  | { readonly kind: "diverged"; readonly reason: string };

export interface StudyRunTime {
  /** Sum of the epochs' seconds. */
  readonly trainingSeconds: number;
  /** Testing after each epoch. */
  readonly testingSeconds: number;
  /** From building the model to the last answer. */
  readonly wallSeconds: number;
}

export const studyRunFormat = "hone study run 1";

/** A test set as the analysis needs it. */
export interface StudyTestSet {
  /** `StudyData.name`. */
  readonly name: string;
  readonly classNames: readonly string[];
  /** The true class of each test image. */
  readonly labels: ArrayLike<number>;
  readonly synthetic: boolean;
}

/** What all runs of a study have in common. */
export interface StudySettings {
  readonly datasets: readonly StudyData[];
  readonly models: readonly StudyModel[];
  /** 1 to this many, for each model without `variant`. */
  readonly seeds: number;
  /** The same for each variant; 0 when there are none. */
  readonly variantSeeds: number;
  readonly epochs: number;
  readonly batchSize: number;
}

/** Where the time of one call of the command went; earlier calls' runs are not part of it. */
export interface StudyTime {
  /** From the start of the process. */
  readonly wallSeconds: number;
  /** The measured time of all training steps. */
  readonly trainingSeconds: number;
  readonly testingSeconds: number;
  readonly dataSeconds: number;
  readonly deviceSeconds: number;
  /** Figures and pictures. */
  readonly reportSeconds: number;
  /** wallSeconds / trainingSeconds; null when nothing was left to train. */
  readonly overhead: number | null;
  /** Runs trained in this call. */
  readonly runs: number;
}

/** A whole study, before any figure is drawn from it. */
export interface StudyRecord {
  readonly version: string;
  readonly settings: StudySettings;
  readonly device: StudyDevice;
  /** Why this backend. */
  readonly why: string;
  readonly tests: readonly StudyTestSet[];
  readonly runs: readonly StudyRun[];
}
