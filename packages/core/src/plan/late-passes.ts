/** Passes over gradients, sums of products and chains of elementwise ops: for training steps, and few predictions. */
import { fusedOps } from "../graph/ops/fused.js";
import { holdOps } from "../graph/ops/index.js";
import { mapOps } from "../graph/ops/map.js";
import { fuseGradients } from "./fuse-gradients.js";
import { fuseMaps } from "./fuse-maps.js";
import { fusePoolGradients } from "./fuse-pool-gradients.js";
import { fuseSums } from "./fuse-sums.js";
import type { Rewriter } from "./rewriter.js";

/** All of them, over one graph; their ops come with them. */
export function lateFusions(graph: Rewriter, ops: readonly string[]): void {
  holdOps(fusedOps, mapOps);
  fuseSums(graph, ops);
  fusePoolGradients(graph, ops);
  fuseGradients(graph, ops);
  fuseMaps(graph, ops);
}
