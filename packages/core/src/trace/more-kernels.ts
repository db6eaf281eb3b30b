/** Kernels and layers that few models need; loaded by the first that does (on-demand.ts). */
import { addLayers } from "./intrinsics.js";
import { addKernels } from "./kernel-table.js";
import { depthwiseKernels } from "./kernels/depthwise.js";
import { einsumKernels } from "./kernels/einsum.js";
import { gatherKernels } from "./kernels/gather.js";
import { moveKernels } from "./kernels/moves.js";
import { roundingKernels } from "./kernels/rounding.js";
import { scanKernels } from "./kernels/scans.js";
import { trigonometricKernels } from "./kernels/trigonometric.js";
import { volumeKernels } from "./kernels/volumes.js";
import { preprocessingLayers } from "./preprocessing-layers.js";

export function addAll(): void {
  addKernels({
    ...roundingKernels,
    ...trigonometricKernels,
    ...moveKernels,
    ...gatherKernels,
    ...scanKernels,
    ...einsumKernels,
    ...depthwiseKernels,
    ...volumeKernels,
  });
  addLayers(preprocessingLayers);
}
