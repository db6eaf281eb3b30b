/** Whether the rows of a batch see each other: whether a part of them gives what it gives beside the others. */
import { sizeOf } from "./geometry.js";
import { predictionStep } from "./prediction-step.js";
import type { ModelGraph, Template } from "./template.js";
import type { Graph, Node, Shape } from "./types.js";

/**
 * True when a row's prediction may depend on the rows beside it, so that none may be added: somewhere
 * a result that does not grow with the batch is made from one that does.
 */
export function mixesRows({ two, three }: Template<ModelGraph>): boolean {
  const [small, large] = [predictionStep(two), predictionStep(three)];
  const grows = (id: number) =>
    sizeOf(small.tensors[id]?.shape ?? []) !== sizeOf(large.tensors[id]?.shape ?? []);
  return small.nodes.some(
    (node) =>
      (node.inputs.some(grows) && !node.outputs.some(grows)) || picksRows(node, small, large),
  );
}

/**
 * The first node of outputs, losses and metrics in which rows may see each other, or come to stand in another order:
 * stricter than `mixesRows`, since rows are to be cut apart and not only added.
 */
export function rowMixer({ two, three }: Template<ModelGraph>): Node | undefined {
  const [small, large] = [two.graph, three.graph];
  const shapeOf = (graph: Graph, id: number): Shape => graph.tensors[id]?.shape ?? [];
  const growth = (id: number): "none" | "rows" | "else" => {
    const [a, b] = [shapeOf(small, id), shapeOf(large, id)];
    if (`${a}` === `${b}`) return "none";
    return `${a.slice(1)}` === `${b.slice(1)}` ? "rows" : "else";
  };
  const used = usedNodes(two);
  return small.nodes.find((node) => {
    if (!used.has(node) || !node.inputs.some((id) => growth(id) !== "none")) return false;
    if (node.outputs.some((id) => growth(id) !== "rows") || picksRows(node, small, large))
      return true;
    return movesRows(
      node,
      node.inputs.map((id) => shapeOf(small, id)),
    );
  });
}

/** True when a row gives the same in whatever batch it stands, and in whatever step. */
export function isCutAlike(template: Template<ModelGraph>): boolean {
  return rowMixer(template) === undefined && !template.two.graph.nodes.some(isDraw);
}

/** Nodes whose result depends on the step's number. */
export const isDraw = ({ op }: Node) => op === "Dropout" || op === "Random";

/** True for what takes rows of the batch by number, or adds them up to as many as their numbers say. */
function picksRows({ op, inputs }: Node, small: Graph, large: Graph): boolean {
  if (op !== "Gather" && op !== "UnsortedSegmentSum") return false;
  const [table] = inputs as readonly [number];
  return small.tensors[table]?.shape[0] !== large.tensors[table]?.shape[0];
}

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
