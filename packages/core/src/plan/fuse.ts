/**
 * Fits a graph to the ops a target implements: replaces fused ops it lacks by their expansion, and
 * products or convolutions followed by bias and activation by the fused op, where it has one; then what
 * drop-tiles.ts, fuse-pools.ts and, for graphs that need it, late-passes.ts say.
 */

import { HoneError } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import { sizeOf } from "../graph/geometry.js";
import { findOp, isExpandable } from "../graph/ops/index.js";
import { removeUnused } from "../graph/simplify.js";
import type { Graph, Node } from "../graph/types.js";
import { atOnce, type Pieces } from "../turns.js";
import { dropTiles } from "./drop-tiles.js";
import { fusePools } from "./fuse-pools.js";
import { lateFusionsFor } from "./passes.js";
import { Rewriter } from "./rewriter.js";

/** What takes a bias and an activation with it, and which. */
const FUSED: Readonly<Record<string, { op: string; activations: Activations }>> = {
  BatchMatMul: { op: "_FusedMatMul", activations: { Relu: "relu" } },
  Conv2D: { op: "FusedConv2D", activations: { Relu: "relu" } },
  DepthwiseConv2dNative: {
    op: "FusedDepthwiseConv2D",
    activations: { Relu: "relu", Relu6: "relu6" },
  },
};

/** An activation's name as an attribute, by op. */
type Activations = Readonly<Record<string, string>>;

/** Op names of the graph that `ops` holds neither themselves nor as their expansion. */
export function missing(graph: Graph, ops: readonly string[]): readonly string[] {
  return lacking(expandMissing(graph, ops), ops);
}

/** The same graph in ops the target has. @throws LacksOp, naming the ops it lacks */
export function fitToTarget(graph: Graph, ops: readonly string[]): Graph {
  return atOnce(fitInPieces(graph, ops));
}

/** The same, in pieces between which the thread may do something else. */
export function* fitInPieces(graph: Graph, ops: readonly string[]): Pieces<Graph> {
  const expanded = expandMissing(graph, ops);
  const lacks = lacking(expanded, ops);
  if (lacks.length > 0) {
    throw new HoneError(
      "LacksOp",
      "plan",
      `the device lacks ${lacks.join(", ")}. Choose another backend.`,
    );
  }
  yield;
  const rewriter = new Rewriter(expanded);
  fuseBiases(rewriter, ops);
  dropTiles(rewriter);
  fusePools(rewriter, ops);
  yield;
  lateFusionsFor(graph, ops)?.(rewriter, ops);
  yield;
  return rewriter.build();
}

function lacking(graph: Graph, ops: readonly string[]): readonly string[] {
  const names = new Set(graph.nodes.map(({ op }) => op));
  return [...names].filter((op) => !findOp(op).alias && !ops.includes(op)).sort();
}

function expandMissing(graph: Graph, ops: readonly string[]): Graph {
  if (graph.nodes.every(({ op }) => ops.includes(op) || !isExpandable(op))) return graph;
  const builder = new GraphBuilder({ tensors: graph.tensors, nodes: [] });
  const replaced = new Map<number, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => replaced.get(id) ?? id);
    const { expand, expandNode } = findOp(node.op);
    builder.label = node.label;
    if (ops.includes(node.op) || !isExpandable(node.op)) {
      builder.adopt([{ ...node, inputs }]);
      continue;
    }
    expandNode?.(builder, { ...node, inputs });
    if (!expand) continue;
    const result = expand(builder, inputs, node.attributes);
    const output = node.outputs[0] as number;
    if (builder.tensor(output).role === "scratch") replaced.set(output, result);
    else builder.opInto("Identity", [result], output);
  }
  // An expansion may hold what is to be expanded itself, and results of the op that nobody reads.
  return expandMissing(removeUnused(builder.build()), ops);
}

/** Product or convolution, Add of a bias, activation → one node, where the last stood: all its operands are ready there. */
function fuseBiases(graph: Rewriter, ops: readonly string[]): void {
  for (const node of graph.nodes) {
    const rule = FUSED[node.op];
    if (rule === undefined || !ops.includes(rule.op)) continue;
    const add = graph.onlyReader(node.outputs[0] as number);
    const bias = add?.op === "Add" ? biasOf(graph, node, add) : undefined;
    if (!add || bias === undefined) continue;
    const after = graph.onlyReader(add.outputs[0] as number);
    const activation = after && rule.activations[after.op];
    const last = after && activation ? after : add;
    const fused = {
      op: rule.op,
      inputs: [...node.inputs, bias],
      outputs: last.outputs,
      attributes: { ...node.attributes, activation: activation ?? "linear" },
      ...(node.label === undefined ? {} : { label: node.label }),
    };
    graph.replace([node, add], new Map([[last, fused]]));
  }
}

/** The other operand of `add`, when it is one value per output channel. */
function biasOf(graph: Rewriter, product: Node, add: Node): number | undefined {
  const output = product.outputs[0] as number;
  const channels = graph.tensor(output).shape.at(-1);
  const [left, right] = add.inputs as readonly [number, number];
  const bias = left === output ? right : left;
  const { shape } = graph.tensor(bias);
  const perChannel = shape.at(-1) === channels && sizeOf(shape) === channels;
  return perChannel && bias !== output ? bias : undefined;
}
