/** Maximum and mean pooling. */
import avgPool from "./avg-pool.wgsl";
import { input, type Kernel, type Kernels, output } from "./kernel.js";
import maxPool from "./max-pool.wgsl";
import { pool } from "./pool-window.js";

const poolKernel =
  (source: string): Kernel =>
  (call) =>
    pool(call, source, { x: input(call, 0), y: output(call) }, { x: input(call, 0) });

export const pools: Kernels = { MaxPool: poolKernel(maxPool), AvgPool: poolKernel(avgPool) };
