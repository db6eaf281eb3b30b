/** Hone's public names, in the order the README tells them. */

export type { Backend, Device, DeviceInfo, Probe } from "./backend.js";
export { type CompileOptions, compile } from "./compile.js";
export { type ErrorKind, HoneError, isHoneError } from "./errors.js";
export type { Augment } from "./graph/augment.js";
export type { LossName } from "./graph/loss.js";
export * from "./graph/optimizer.js";
export { type Verdict, type VerifyOptions, verifyDevice } from "./pick/verify-device.js";
export {
  type Candidate,
  type CandidateFigures,
  type ChoiceStore,
  type PickedDevice,
  type PickOptions,
  pickFastest,
} from "./pick.js";
export { HOST_STREAMS, permutation, RandomStream } from "./random.js";
export type { ClassFigures } from "./run/classification.js";
export {
  type Column,
  type Dataset,
  isLabelColumn,
  rowLength,
  split,
  takeRows,
  validateDataset,
} from "./run/dataset.js";
export type { EarlyStopping } from "./run/early-stopping.js";
export type { EvaluateOptions, Evaluation } from "./run/evaluate.js";
export type { ExplainedCall, Explanation } from "./run/explain.js";
export type { Rows } from "./run/predict.js";
export type { EpochEnd, History, Progress, TrainingRecord } from "./run/records.js";
export * from "./run/schedule.js";
export type { Session, Weight } from "./run/session.js";
export type { TrainOptions } from "./run/train.js";
export type { LayersModelLike, LossFunctionLike } from "./trace/tfjs-types.js";
