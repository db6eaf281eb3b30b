/** Data sets: what they are, whether they are right, and parts of them. */
export { validateDataset, validateLabels } from "./dataset-checks.js";
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
  weightNames,
} from "./dataset-columns.js";
export { split, takeRows } from "./dataset-parts.js";
