/** The tfjs kernels that can be traced: those of dense and convolutional networks, and others as they are loaded. */
import { denseKernels } from "./kernels/dense.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import type { Kernel } from "./kernels/kernel.js";
import { reductionKernels } from "./kernels/reductions.js";

/** By their names in tfjs. */
export const KERNELS: Record<string, Kernel> = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...denseKernels,
};
