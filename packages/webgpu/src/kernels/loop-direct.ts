/** The loop of products for software adapters. */
import type { ProductLoop } from "./kernel.js";
import source from "./library/gemm-direct.wgsl";

export const loop: ProductLoop = { source, rows: 4, columns: 8 };
