/** The launchers that most networks need: they come with the backend. */
import { binary } from "./broadcast.js";
import { convolutionLowerings } from "./convolutions.js";
import { fill, identity } from "./fill.js";
import type { LoweringTable } from "./lowering.js";
import { pooledConvolutionLowerings } from "./pooled-convolutions.js";
import { productLowerings } from "./products.js";
import { byRow, reduction } from "./reductions.js";
import { shapeLowerings } from "./shape.js";
import { maxPool } from "./windows.js";

export const lowerings: LoweringTable = {
  Identity: identity,
  Fill: fill,
  Add: binary("base/binaryAdd"),
  Multiply: binary("base/binaryMultiply"),
  Sum: reduction("base/reduceSum"),
  Softmax: byRow("base/softmax"),
  MaxPool: maxPool,
  ...shapeLowerings,
  ...productLowerings,
  ...convolutionLowerings,
  ...pooledConvolutionLowerings,
};
