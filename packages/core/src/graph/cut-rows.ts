/**
 * Whether a batch may be cut apart: whether a part of its rows gives what it gives beside the others. A file of its own
 * beside rows.ts, for only what does not fit at once and what trains in parts asks.
 */
import { picksRows } from "./rows.js";
import type { ModelGraph, Template } from "./template.js";
import type { Graph, Node, Shape } from "./types.js";

/**
 * The first node of outputs, losses and metrics in which rows may see each other, or come to stand in another order:
 * stricter than `mixesRows`, since rows are to be cut apart and not only added.
 */
export function rowMixer({ two, three }: Template<ModelGraph>): Node | undefined {
  const used = usedNodes(two);
  return two.graph.nodes.find((node) => used.has(node) && mixes(node, two.graph, three.graph));
}

/** True for a node in which rows may see each other, or come to stand in another order. @param large the graph at three rows */
export function mixes(node: Node, small: Graph, large: Graph): boolean {
  const shapeOf = (graph: Graph, id: number): Shape => graph.tensors[id]?.shape ?? [];
  const growth = (id: number): "none" | "rows" | "else" => {
    const [a, b] = [shapeOf(small, id), shapeOf(large, id)];
    if (`${a}` === `${b}`) return "none";
    return `${a.slice(1)}` === `${b.slice(1)}` ? "rows" : "else";
  };
  if (!node.inputs.some((id) => growth(id) !== "none")) return false;
  if (node.outputs.some((id) => growth(id) !== "rows") || picksRows(node, small, large))
    return true;
  return movesRows(
    node,
    node.inputs.map((id) => shapeOf(small, id)),
  );
}

/** True when a row gives the same in whatever batch it stands, and in whatever step. */
export function isCutAlike(template: Template<ModelGraph>): boolean {
  return rowMixer(template) === undefined && !template.two.graph.nodes.some(isDraw);
}

/** Nodes whose result depends on the step's number. */
export const isDraw = ({ op }: Node) => op === "Dropout" || op === "Random";

/** True for what takes, adds or repeats rows along the first axis. */
function movesRows({ op, attributes, inputs }: Node, shapes: readonly Shape[]): boolean {
  const list = (name: string) => attributes[name] as readonly number[];
  switch (op) {
    case "Slice":
      return list("begin")[0] !== 0 || list("size")[0] !== shapes[0]?.[0];
    case "PadV2":
      return list("paddings")[0] !== 0 || list("paddings")[1] !== 0;
    case "Tile":
      return list("reps")[0] !== 1;
    case "Concat":
      return inputs.length > 1 && attributes.axis === 0;
    case "Transpose":
      return list("perm")[0] !== 0;
    default:
      return false;
  }
}

/** Nodes that outputs, losses, metrics or penalties are made of. */
function usedNodes({ graph, outputs, functions, penalties }: ModelGraph): Set<Node> {
  const read = new Set([...outputs.map(({ tensor }) => tensor), ...functions, ...penalties]);
  const used = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    const lasts = node.outputs.some((id) => graph.tensors[id]?.name !== undefined);
    if (!lasts && !node.outputs.some((id) => read.has(id))) continue;
    used.add(node);
    for (const input of node.inputs) read.add(input);
  }
  return used;
}
