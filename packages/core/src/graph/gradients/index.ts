/** Gradients of the ops that every page has; other ops bring theirs. They come with what builds training steps. */
import type { OpFamily } from "../ops/definition.js";
import { gradientOps } from "../ops/gradient-ops.js";
import { binaryGradients } from "./binary.js";
import { denseGradients } from "./dense.js";
import { reductionGradients } from "./reduction.js";
import { shapeGradients } from "./shape.js";
import { trainingModeGradients } from "./training-mode.js";
import { unaryGradients } from "./unary.js";
import { windowGradients } from "./window.js";

export const commonGradients: OpFamily = {
  ops: gradientOps,
  gradients: {
    ...unaryGradients,
    ...binaryGradients,
    ...shapeGradients,
    ...reductionGradients,
    ...denseGradients,
    ...windowGradients,
    ...trainingModeGradients,
  },
};
