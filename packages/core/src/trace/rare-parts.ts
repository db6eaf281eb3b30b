/** What few models need, and what is told of those that cannot be compiled. */

import { takeMasks } from "./cell-masks.js";
import { adviceFor } from "./chained-advice.js";
import { depthwiseKernels } from "./kernels/depthwise.js";
import { einsumKernels } from "./kernels/einsum.js";
import { gatherKernels } from "./kernels/gather.js";
import { moveKernels } from "./kernels/moves.js";
import { roundingKernels } from "./kernels/rounding.js";
import { scanKernels } from "./kernels/scans.js";
import { trigonometricKernels } from "./kernels/trigonometric.js";
import { volumeKernels } from "./kernels/volumes.js";
import type { Part } from "./late-parts.js";
import { preprocessingLayers } from "./preprocessing-layers.js";
import { catchingCalls } from "./recurrent-layers.js";
import { standIn } from "./stand-in.js";

export const part: Part = {
  kernels: {
    ...roundingKernels,
    ...trigonometricKernels,
    ...moveKernels,
    ...gatherKernels,
    ...scanKernels,
    ...einsumKernels,
    ...depthwiseKernels,
    ...volumeKernels,
  },
  layers: preprocessingLayers,
  catchingCalls,
  takeMasks,
  standIn,
  adviceFor,
};
