/**
 * Hone without tfjs, for pages that use a model which `session.save` has written: it predicts, evaluates and trains on.
 * What only training needs is loaded when something trains.
 */
export type { Backend, Device, DeviceInfo, Probe } from "./backend.js";
export { fastest, pickFastest, type SavedPickOptions as PickOptions } from "./choose-saved.js";
export {
  compileSaved as compile,
  type SavedCompileOptions as CompileOptions,
} from "./compile-saved.js";
export { type ErrorKind, HoneError, isHoneError } from "./errors.js";
export { decodeCheckpoint, encodeCheckpoint } from "./io/checkpoint-file.js";
export { type ModelSource, openModel } from "./open-model.js";
export type { PickedDevice } from "./pick/picked-device.js";
export { type Picture, type PictureOptions, type PictureRows, pictures } from "./pictures.js";
export type { Checkpoint, SessionCheckpoint } from "./run/checkpoint.js";
export { checkpointIn } from "./run/checkpoint-in.js";
export type { Dataset } from "./run/dataset.js";
export type { EvaluateOptions, Evaluation } from "./run/evaluate.js";
export type { TrainOptions } from "./run/fit-options.js";
export type { Prediction, PredictOptions, Rows } from "./run/predict.js";
export type { EpochEnd, History, Moved, Progress, TrainingRecord } from "./run/records.js";
export type { RowsLike } from "./run/rows.js";
export type { SavedAbout, SavedModel } from "./run/saved-model.js";
export type { Session, Weight } from "./run/session.js";
