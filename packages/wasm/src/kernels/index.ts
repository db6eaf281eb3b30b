/** Every op the wasm backend implements. */
import { convolutionGradients } from "./convolutions.js";
import { depthwiseGradients } from "./depthwise.js";
import { learningLowerings } from "./learning.js";
import type { Lowerings } from "./lowering.js";
import { pooledConvolutionGradients } from "./pooled-convolutions.js";
import { predictLowerings } from "./predict.js";
import { rowLowerings } from "./rows.js";
import { tableGradients } from "./table-rows.js";
import { windowGradients } from "./windows.js";

export const lowerings: Lowerings = new Map([
  ...predictLowerings,
  ...Object.entries({
    ...convolutionGradients,
    ...depthwiseGradients,
    ...pooledConvolutionGradients,
    ...windowGradients,
    ...tableGradients,
    ...rowLowerings,
    ...learningLowerings,
  }),
]);
