/** A builder for steps: they have ops that no model has, which come with whatever builds them. */
import { GraphBuilder } from "./builder.js";
import { holdOps } from "./ops/index.js";
import { stepOps } from "./ops/steps.js";
import type { Graph } from "./types.js";

/** @param start without its nodes, which are adopted where their turn comes */
export function stepBuilder({ tensors }: Graph): GraphBuilder {
  holdOps(...stepOps);
  return new GraphBuilder({ tensors, nodes: [] });
}
