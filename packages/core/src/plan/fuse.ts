/**
 * Fits a graph to the ops a target implements: replaces fused ops it lacks by their expansion, and
 * products or convolutions followed by bias and relu by the fused op, where it has one; then what
 * drop-tiles.ts, fuse-sums.ts, fuse-pools.ts and fuse-gradients.ts say.
 */
import { HoneError } from "../errors.js";
import { GraphBuilder } from "../graph/builder.js";
import { sizeOf } from "../graph/geometry.js";
import { findOp, isExpandable } from "../graph/ops/index.js";
import type { Graph, Node } from "../graph/types.js";
import { dropTiles } from "./drop-tiles.js";
import { fuseGradients } from "./fuse-gradients.js";
import { fusePools } from "./fuse-pools.js";
import { fuseSums } from "./fuse-sums.js";
import { Rewriter } from "./rewriter.js";

const FUSED: Readonly<Record<string, string>> = {
  BatchMatMul: "_FusedMatMul",
  Conv2D: "FusedConv2D",
};

/** Op names of the graph that `ops` holds neither themselves nor as their expansion. */
export function missing(graph: Graph, ops: readonly string[]): readonly string[] {
  const names = expandMissing(graph, ops)
    .nodes.filter(({ op }) => !findOp(op).alias && !ops.includes(op))
    .map(({ op }) => op);
  return [...new Set(names)].sort();
}

/** The same graph in ops the target has. @throws BackendUnavailable, naming the ops it lacks */
export function fitToTarget(graph: Graph, ops: readonly string[]): Graph {
  const lacking = missing(graph, ops);
  if (lacking.length > 0) {
    throw new HoneError(
      "BackendUnavailable",
      "plan",
      `the device lacks ${lacking.join(", ")}. Choose another backend.`,
    );
  }
  const rewriter = new Rewriter(fuse(expandMissing(graph, ops), ops));
  dropTiles(rewriter);
  fuseSums(rewriter, ops);
  fusePools(rewriter, ops);
  fuseGradients(rewriter, ops);
  return rewriter.build();
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
      builder.nodes.push({ ...node, inputs });
      continue;
    }
    expandNode?.(builder, { ...node, inputs });
    if (!expand) continue;
    const result = expand(builder, inputs, node.attributes);
    const output = node.outputs[0] as number;
    if (builder.tensor(output).role === "scratch") replaced.set(output, result);
    else builder.opInto("Identity", [result], output);
  }
  return builder.build();
}

function fuse(graph: Graph, ops: readonly string[]): Graph {
  const readers = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  /** The one node that reads the result, when it is an unnamed tensor only that node needs. */
  const onlyReader = (node: Node): Node | undefined => {
    const output = node.outputs[0] as number;
    const found = readers.get(output) ?? [];
    return graph.tensors[output]?.role === "scratch" && found.length === 1 ? found[0] : undefined;
  };
  const absorbed = new Set<Node>();
  const nodes: Node[] = [];
  /** A fused node stands where its last part stood: all its operands are ready there. */
  const moved = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const name = FUSED[node.op];
    if (name === undefined || !ops.includes(name)) continue;
    const add = onlyReader(node);
    const bias = add?.op === "Add" ? biasOf(graph, node, add) : undefined;
    if (!add || bias === undefined) continue;
    const after = onlyReader(add);
    const relu = after?.op === "Relu" ? after : undefined;
    const last = relu ?? add;
    for (const part of [node, add, last]) absorbed.add(part);
    moved.set(last, {
      op: name,
      inputs: [...node.inputs, bias],
      outputs: last.outputs,
      attributes: { ...node.attributes, activation: relu ? "relu" : "linear" },
      ...(node.label === undefined ? {} : { label: node.label }),
    });
  }
  for (const node of graph.nodes) {
    const fused = moved.get(node);
    if (fused) nodes.push(fused);
    else if (!absorbed.has(node)) nodes.push(node);
  }
  return { tensors: graph.tensors, nodes };
}

/** The other operand of `add`, when it is one value per output channel. */
function biasOf(graph: Graph, product: Node, add: Node): number | undefined {
  const output = product.outputs[0] as number;
  const channels = graph.tensors[output]?.shape.at(-1);
  const [left, right] = add.inputs as readonly [number, number];
  const bias = left === output ? right : left;
  const shape = graph.tensors[bias]?.shape ?? [];
  const perChannel = shape.at(-1) === channels && sizeOf(shape) === channels;
  return perChannel && bias !== output ? bias : undefined;
}
