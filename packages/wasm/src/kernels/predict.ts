/** Every op that predicting needs. What only training and judging need beside them: index.ts. */
import { convolutionLowerings } from "./convolutions.js";
import { depthwiseLowerings } from "./depthwise.js";
import { elementwiseLowerings } from "./elementwise.js";
import type { Lowerings } from "./lowering.js";
import { mapLowerings } from "./maps.js";
import { pooledConvolutionLowerings } from "./pooled-convolutions.js";
import { productLowerings } from "./products.js";
import { reductionLowerings } from "./reductions.js";
import { shapeLowerings } from "./shape.js";
import { tableLowerings } from "./table-rows.js";
import { windowLowerings } from "./windows.js";

export const predictLowerings: Lowerings = new Map(
  Object.entries({
    ...elementwiseLowerings,
    ...shapeLowerings,
    ...tableLowerings,
    ...reductionLowerings,
    ...productLowerings,
    ...convolutionLowerings,
    ...depthwiseLowerings,
    ...pooledConvolutionLowerings,
    ...windowLowerings,
    ...mapLowerings,
  }),
);
