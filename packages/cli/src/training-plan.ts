/** What a training run of the command line is asked to do. */
import type { Augment, Candidate, Dataset, Device, Optimizer } from "@hone/core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Judging } from "./judging-option.js";
import type { ResumableRun } from "./resumable-run.js";
import type { ScheduleChoice } from "./schedule-option.js";
import type { TrainingFolder } from "./training-folder.js";

export interface TrainingPlan {
  /** As asked for: a name of the zoo, or a path. */
  readonly modelName: string;
  readonly model: LayersModel;
  /** The model's own unless given. */
  readonly judging?: Judging;
  readonly datasetName: string;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly device: Device;
  readonly why: string;
  /** What was looked at before the device was chosen; none where it was asked for. */
  readonly candidates: readonly Candidate[];
  /** Said with the first steps: what cannot be trained is told of by its error alone. */
  readonly firstLines: readonly string[];
  /** What the model was compiled with, or else Adam, unless given. */
  readonly optimizer?: Optimizer;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** The fraction at the end of the training set that only validates; 0 for none. */
  readonly validation: number;
  /** `constant` unless given; the optimizer's learning rate is its highest. */
  readonly schedule?: ScheduleChoice;
  /** Of the training images; none unless given. */
  readonly augment?: Augment;
  /** Whether the terminal gets the whole report. */
  readonly verbose: boolean;
  readonly evaluateEachEpoch?: boolean;
  /** Where model and reports go after each epoch. */
  readonly folder?: TrainingFolder;
  /** Where it keeps checkpoints, and the one it goes on from. */
  readonly run?: ResumableRun & { readonly everyMs: number | undefined };
  /** An HTML file that gets the report too. */
  readonly report?: string;
}
