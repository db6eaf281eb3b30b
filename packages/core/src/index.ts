/** Hone's public names, in the order the README tells them. */

export type { Backend, Device, DeviceInfo, Probe } from "./backend.js";
export { type CompileOptions, compile } from "./compile.js";
export { type ErrorKind, HoneError, isHoneError } from "./errors.js";
export type { Augment } from "./graph/augment.js";
export type { LossName } from "./graph/loss.js";
export { adam, momentum, type Optimizer, sgd } from "./graph/optimizer.js";
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
  classNamesOf,
  columnOf,
  type Dataset,
  holdsWholeNumbers,
  inputNames,
  isLabelColumn,
  labelNames,
  type PlainDataset,
  rowLength,
  soleInput,
  soleLabels,
  split,
  takeRows,
  validateDataset,
  weightNames,
} from "./run/dataset.js";
export type { EarlyStopping } from "./run/early-stopping.js";
export type { EvaluateOptions, Evaluation } from "./run/evaluate.js";
export type { ExplainedCall, Explanation } from "./run/explain.js";
export type { ClassWeight, TrainOptions } from "./run/fit-options.js";
export { type OneCycleOptions, oneCycle } from "./run/one-cycle.js";
export type { Rows } from "./run/predict.js";
export type { EpochEnd, History, Progress, TrainingRecord } from "./run/records.js";
export type { Session, Weight } from "./run/session.js";
export { randomNormal, randomUniform } from "./trace/random.js";
export type { LayersModelLike, LossFunctionLike } from "./trace/tfjs-types.js";
