/** What many models need, and not the plainest. */
import { batchNormalization } from "./batch-normalization.js";
import { batchNormKernels } from "./kernels/batch-norm.js";
import { choiceKernels } from "./kernels/choices.js";
import { shapeKernels } from "./kernels/shape.js";
import type { Part } from "./late-parts.js";
import { noiseLayers } from "./noise-layers.js";
import { traceFunctions } from "./trace-functions.js";

export const part: Part = {
  kernels: { ...choiceKernels, ...shapeKernels, ...batchNormKernels },
  layers: { ...noiseLayers, BatchNormalization: batchNormalization },
  traceFunctions,
};
