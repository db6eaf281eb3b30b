/**
 * Removes what a step need not compute: nodes whose results nobody reads, and nodes that compute what
 * an earlier one did. In-place ops and writers of named tensors always stay, and stay in order.
 */
import { findOp } from "./ops/index.js";
import type { Attribute, Attributes, Graph, Node, Tensor } from "./types.js";

/** An equal graph with fewer nodes. Tensor ids stay what they were. */
export function simplify(graph: Graph): Graph {
  return removeUnused(mergeEqual(graph));
}

/** True for a tensor that outlives the step, so that a node writing it has an effect of its own. */
const isKept = (tensor: Tensor | undefined) =>
  tensor !== undefined && tensor.role !== "scratch" && tensor.role !== "constant";

/** An equal graph without nodes whose results nobody reads. */
export function removeUnused(graph: Graph): Graph {
  const read = new Set<number>();
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const effects = node.outputs.some((id) => read.has(id) || isKept(graph.tensors[id]));
    if (!effects) continue;
    kept.push(node);
    for (const input of node.inputs) read.add(input);
  }
  return { tensors: graph.tensors, nodes: kept.reverse() };
}

function mergeEqual(graph: Graph): Graph {
  const known = new Map<string, number>();
  const replaced = new Map<number, number>();
  const changed = inPlaceTargets(graph);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => replaced.get(id) ?? id);
    const [output] = node.outputs as readonly [number];
    const next = { ...node, inputs };
    const pure =
      node.outputs.length === 1 &&
      !findOp(node.op).inPlace &&
      !isKept(graph.tensors[output]) &&
      !inputs.some((id) => changed.has(id));
    if (pure) {
      const key = keyOf(node.op, inputs, node.attributes);
      const earlier = known.get(key);
      if (earlier !== undefined) {
        replaced.set(output, earlier);
        continue;
      }
      known.set(key, output);
    }
    nodes.push(next);
  }
  return { tensors: graph.tensors, nodes };
}

/** The same for nodes that compute the same. Written by hand: JSON has one null for Infinity and NaN, and no -0. */
function keyOf(op: string, inputs: readonly number[], attributes: Attributes): string {
  let key = `${op} ${inputs}`;
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name];
    const list = typeof value === "object" ? `[${value.map(exact)}]` : exact(value);
    key += ` ${name}=${list}`;
  }
  return key;
}

function exact(value: Attribute | undefined): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : `${value}`;
}

/** Tensors some node changes in place: reading them twice may give two values. */
function inPlaceTargets(graph: Graph): Set<number> {
  const targets = new Set<number>();
  for (const node of graph.nodes) {
    if (findOp(node.op).inPlace) for (const id of node.outputs) targets.add(id);
  }
  return targets;
}
