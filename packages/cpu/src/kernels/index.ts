/** Every op this adapter implements: the primitive ones of packages/core/OPS.md, and no fused one. */
import { augmentKernels } from "./augment.js";
import { broadcastingKernels } from "./broadcasting.js";
import { convolutionKernels } from "./convolution.js";
import { dataKernels } from "./data.js";
import { depthwiseKernels } from "./depthwise.js";
import { dropoutKernels } from "./dropout.js";
import { elementwiseKernels } from "./elementwise.js";
import { gatherKernels } from "./gather.js";
import type { KernelFactory } from "./kernel.js";
import { learningKernels } from "./learning.js";
import { lossKernels } from "./loss.js";
import { mapKernels } from "./map.js";
import { matmulKernels } from "./matmul.js";
import { poolingKernels } from "./pooling.js";
import { randomKernels } from "./random.js";
import { reductionKernels } from "./reductions.js";
import { shapeKernels } from "./shape.js";
import { softmaxKernels } from "./softmax.js";

export const kernelFactories: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    ...elementwiseKernels,
    ...broadcastingKernels,
    ...shapeKernels,
    ...gatherKernels,
    ...reductionKernels,
    ...softmaxKernels,
    ...matmulKernels,
    ...convolutionKernels,
    ...depthwiseKernels,
    ...poolingKernels,
    ...lossKernels,
    ...dataKernels,
    ...dropoutKernels,
    ...augmentKernels,
    ...mapKernels,
    ...learningKernels,
    ...randomKernels,
  }),
);
