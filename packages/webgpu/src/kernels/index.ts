/** Every op this device implements, and the kernel that runs it. */
import { convolutionGradients } from "./convolution.js";
import { depthwiseGradients } from "./depthwise.js";
import type { Kernels } from "./kernel.js";
import { losses } from "./loss.js";
import { poolGradients } from "./pool.js";
import { predictKernels } from "./predict.js";
import { norms } from "./reduce.js";
import { rows } from "./rows.js";
import { tableGradients } from "./table-rows.js";
import { training } from "./training.js";

export const kernels: Kernels = {
  ...predictKernels,
  ...convolutionGradients,
  ...depthwiseGradients,
  ...poolGradients,
  ...norms,
  ...rows,
  ...tableGradients,
  ...losses,
  ...training,
};
