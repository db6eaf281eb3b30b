/** The named losses: what they are called, what labels they take, and their nodes. */
export {
  type LabelKind,
  type LabelRange,
  labelKind,
  labelRange,
  labelShapeFits,
} from "./labels.js";
export { LOSS_NAMES, type LossName, lossOf, type NamedLoss } from "./names.js";
export { lossTensor } from "./tensor.js";
