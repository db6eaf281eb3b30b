/** The tfjs kernels that can be traced: those of dense and convolutional networks, and all of them once more-kernels.ts is loaded. */
import { denseKernels } from "./kernels/dense.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import type { Kernel, Kernels } from "./kernels/kernel.js";
import { shapeKernels } from "./kernels/shape.js";

const kernels: Record<string, Kernel> = { ...elementwiseKernels, ...shapeKernels, ...denseKernels };

/** By their names in tfjs. */
export const KERNELS: Kernels = kernels;

export function addKernels(more: Kernels): void {
  Object.assign(kernels, more);
}
