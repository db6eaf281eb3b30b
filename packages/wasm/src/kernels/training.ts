/** The launchers of what only training and judging need. */
import { convolutionGradients } from "./convolution-gradients.js";
import { learningLowerings } from "./learning.js";
import type { LoweringTable } from "./lowering.js";
import { pooledConvolutionGradients } from "./pooled-gradients.js";
import { reduction } from "./reductions.js";
import { rowLowerings } from "./rows.js";
import { windowGradients } from "./windows.js";

export const lowerings: LoweringTable = {
  MultiplySum: reduction("training/reduceProduct", "base/reduceSum"),
  ...convolutionGradients,
  ...pooledConvolutionGradients,
  ...windowGradients,
  ...rowLowerings,
  ...learningLowerings,
};

export { lowerings as base } from "./base.js";
