/** Data sets for Hone: public ones by name, digits drawn by code, and a person's own. */

export type { Column, Dataset, PlainDataset } from "@hone/core";
export { split } from "@hone/core/data";
export { browserCheckpoints } from "./checkpoints/browser.js";
export { checkpointFolder } from "./checkpoints/folder.js";
export type {
  CheckpointKeeper,
  FoundCheckpoint,
  KeepOptions,
  SkippedCheckpoint,
} from "./checkpoints/keeper.js";
export type {
  DatasetInput,
  NestedNumbers,
  Numbers,
  ShapedArray,
  TensorLike,
} from "./column-values.js";
export { type DigitsOptions, digits } from "./digits/digits.js";
export { type DatasetOptions, dataset, type NamedInputs } from "./from-arrays.js";
export { idxFolder } from "./idx-folder.js";
export type { MadeOptions } from "./made/made-set.js";
export { type ShapesOptions, scenes, shapes } from "./made/shapes.js";
export { sines } from "./made/sines.js";
export { sentences, sums, type TextsOptions } from "./made/texts.js";
export {
  type DatasetPair,
  type DownloadProgress,
  isUnavailable,
  type OfficialOptions,
} from "./official.js";
export {
  DATASET_NAMES,
  type DatasetInfo,
  type DatasetName,
  fashionMnist,
  listDatasets,
  mnist,
  openDataset,
} from "./open.js";
export {
  readRegularFile,
  readRegularText,
  specialKind,
  UnreadableFile,
} from "./regular-file.js";
export { environmentFolder, userCacheFolder } from "./storage-node.js";
