/** Hone's public names, in the order the README tells them. */

export type { Backend, Device, DeviceInfo, Probe } from "./backend.js";
export { type CompileOptions, compile } from "./compile.js";
export type { SavedCompileOptions } from "./compile-saved.js";
export { type ErrorKind, HoneError, isHoneError } from "./errors.js";
export { fastest } from "./fastest.js";
export type { Augment } from "./graph/augment.js";
export type { LossName, NamedLoss } from "./graph/losses/index.js";
export type { MetricName, NamedMetric } from "./graph/metrics/index.js";
export * from "./graph/optimizer.js";
export { type ModelSource, openModel } from "./open-model.js";
export { type Verdict, type VerifyOptions, verifyDevice } from "./pick/verify-device.js";
export {
  type Candidate,
  type CandidateFigures,
  type ChoiceStore,
  type PickedDevice,
  type PickOptions,
  pickFastest,
} from "./pick.js";
export {
  type Colour,
  type Fit,
  type Picture,
  type PictureOptions,
  type PictureRows,
  pictures,
} from "./pictures.js";
export {
  type Compute,
  type FunctionSpec,
  type Gradients,
  type Minimize,
  type Program,
  type ProgramOptions,
  program,
} from "./program.js";
export { HOST_STREAMS, permutation, RandomStream } from "./random.js";
export type { BatchOptions } from "./run/batch-options.js";
export type {
  Checkpoint,
  ProgramCheckpoint,
  SavedTensor,
  SessionCheckpoint,
} from "./run/checkpoint.js";
export { checkpointIn } from "./run/checkpoint-in.js";
export type { CheckpointOptions, CheckpointStore } from "./run/checkpoint-options.js";
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
export type { EvaluateOptions, Evaluation, OutputEvaluation } from "./run/evaluate.js";
export type { ExplainedCall, Explanation, Room } from "./run/explain.js";
export type { FailoverOptions } from "./run/failover.js";
export type { ClassWeight, TrainOptions } from "./run/fit-options.js";
export { hasEnded } from "./run/has-ended.js";
export type { Prediction, PredictOptions, Rows } from "./run/predict.js";
export type {
  ComputeResult,
  GradientsResult,
  LossResult,
  RunOptions,
} from "./run/program-run.js";
export type { EpochEnd, Figures, History, Moved, Progress, TrainingRecord } from "./run/records.js";
export type { RowsLike } from "./run/rows.js";
export type { SavedAbout, SavedModel } from "./run/saved-model.js";
export * from "./run/schedule-makers.js";
export type { Session, Weight } from "./run/session.js";
export type { StreamLike } from "./run/stream-like.js";
export type { BatchFigures } from "./run/train-on-batch.js";
export {
  type Loss,
  type LossChoice,
  type Metric,
  type MetricChoice,
  type WholeLoss,
  wholeLoss,
} from "./trace/judging.js";
export { multinomial } from "./trace/multinomial.js";
export { randomNormal, randomUniform } from "./trace/random.js";
export type { LayersModelLike, LossFunctionLike } from "./trace/tfjs-types.js";
export { typedErrors } from "./typed-errors.js";
export { visibleLines, visibleText } from "./visible-text.js";
