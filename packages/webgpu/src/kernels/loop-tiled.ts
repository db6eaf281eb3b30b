/** The loop of products for real GPUs. */
import type { ProductLoop } from "./kernel.js";
import source from "./library/gemm-tiled.wgsl";

export const loop: ProductLoop = { source, rows: 4, columns: 4 };
