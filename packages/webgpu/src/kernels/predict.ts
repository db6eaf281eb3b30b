/** Every op that predicting needs. What only training and judging need beside them: index.ts. */
import { convolutions } from "./convolution.js";
import { depthwise } from "./depthwise.js";
import { elementwise } from "./elementwise.js";
import type { Kernels } from "./kernel.js";
import { maps } from "./map.js";
import { matmuls } from "./matmul.js";
import { pools } from "./pool.js";
import { reductions } from "./reduce.js";
import { shape } from "./shape.js";
import { tables } from "./table-rows.js";

export const predictKernels: Kernels = {
  ...elementwise,
  ...shape,
  ...tables,
  ...reductions,
  ...matmuls,
  ...convolutions,
  ...depthwise,
  ...pools,
  ...maps,
};
