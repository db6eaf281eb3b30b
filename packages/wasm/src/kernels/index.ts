/** Every op the wasm backend implements. */
import { convolutionLowerings } from "./convolutions.js";
import { elementwiseLowerings } from "./elementwise.js";
import { learningLowerings } from "./learning.js";
import type { Lowering } from "./lowering.js";
import { mapLowerings } from "./maps.js";
import { pooledConvolutionLowerings } from "./pooled-convolutions.js";
import { productLowerings } from "./products.js";
import { reductionLowerings } from "./reductions.js";
import { shapeLowerings } from "./shape.js";
import { windowLowerings } from "./windows.js";

export const lowerings: ReadonlyMap<string, Lowering> = new Map(
  Object.entries({
    ...elementwiseLowerings,
    ...shapeLowerings,
    ...reductionLowerings,
    ...productLowerings,
    ...convolutionLowerings,
    ...pooledConvolutionLowerings,
    ...windowLowerings,
    ...learningLowerings,
    ...mapLowerings,
  }),
);
