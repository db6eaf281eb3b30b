/** Data sets for Hone: public ones by name, digits drawn by code, and a person's own. */

export type { Column, Dataset } from "@hone/core";
export { split } from "@hone/core";
export { type DigitsOptions, digits } from "./digits/digits.js";
export {
  type DatasetInput,
  type DatasetOptions,
  dataset,
  type NestedNumbers,
  type ShapedArray,
  type TensorLike,
} from "./from-arrays.js";
export { idxFolder } from "./idx-folder.js";
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
export { userCacheFolder } from "./storage-node.js";
