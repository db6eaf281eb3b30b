/** Kernels and layers that few models need; loaded by the first that does (kernel-table.ts). */
import type { MoreKernels } from "./kernel-table.js";
import { depthwiseKernels } from "./kernels/depthwise.js";
import { einsumKernels } from "./kernels/einsum.js";
import { gatherKernels } from "./kernels/gather.js";
import { moveKernels } from "./kernels/moves.js";
import { roundingKernels } from "./kernels/rounding.js";
import { scanKernels } from "./kernels/scans.js";
import { trigonometricKernels } from "./kernels/trigonometric.js";
import { volumeKernels } from "./kernels/volumes.js";
import { preprocessingLayers } from "./preprocessing-layers.js";

export const more: MoreKernels = {
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
};
