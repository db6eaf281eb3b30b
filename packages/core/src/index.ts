export { HoneError, isHoneError } from "./errors.js";
export { RandomStream, permutation } from "./random.js";
export { HOST_STREAMS } from "./random.js";
export {
  type Column,
  type Dataset,
  isLabelColumn,
  rowLength,
  split,
  takeRows,
  validateDataset,
} from "./run/dataset.js";
