/**
 * What a kernel of Maps imports besides: their expressions. A file of its own beside kernel-kit.ts, since a page that only
 * predicts mostly has no Map.
 */

export {
  type Expression,
  type Instruction,
  isReadByElement,
  liveValues,
  operandsOf,
  readExpression,
  uniformValues,
} from "./graph/expression.js";
export { type Reach, type ReductionOf, reductionOf, stagesOf } from "./graph/reduction-shape.js";
