/**
 * Chains of elementwise ops become one `Map` where the target has it: what stands between them is never stored. With a
 * sum or maximum along rows or columns among them they become a `RowMap` or a `ColumnMap`.
 *
 * A group grows by the reader of one of its results, or by a reduction of what another of its reductions reads, and
 * stands where its last node stood: so nobody outside may read a result before that place, and nothing it reads may
 * change until then. What is still read outside becomes a result of the Map.
 */
import { Formula, type Value } from "../graph/formula.js";
import { sizeOf } from "../graph/geometry.js";
import { MOST_OPERANDS } from "../graph/ops/map.js";
import type { Node } from "../graph/types.js";
import { groupOf, joined, type MapGroup } from "./map-group.js";
import { reducesWell } from "./reducing-groups.js";
import type { Rewriter } from "./rewriter.js";
import { isElementwise, isReduction, valueAfter } from "./scalar-nodes.js";

/** Longer chains need more registers than there are, and a longer search. */
const MOST_NODES = 32;

export function fuseMaps(graph: Rewriter, ops: readonly string[]): void {
  if (!ops.includes("Map")) return;
  /** The group each node is in; of one node to begin with. */
  const groups = new Map<Node, MapGroup>();
  /** By tensor, the last node that reduces it. */
  const reducers = new Map<number, Node>();
  const end = gradientsRead(graph);
  for (const node of graph.nodes) {
    if (!isFusable(graph, node)) continue;
    let group = groupOf(graph, node, ops);
    if (!group) continue;
    const beside = isReduction(node) ? node.inputs.map((id) => reducers.get(id)) : [];
    for (const maker of [...node.inputs.map((id) => makerOf(graph, id)), ...beside]) {
      const other = maker && groups.get(maker);
      if (!other || group.nodes.includes(other.nodes[0] as Node)) continue;
      const both = joined(other, group);
      if (both && fits(graph, both, node, end)) group = both;
    }
    for (const member of group.nodes) groups.set(member, group);
    if (isReduction(node)) for (const id of node.inputs) reducers.set(id, node);
  }
  for (const group of new Set(groups.values())) if (group.nodes.length > 1) replace(graph, group);
  dropFills(graph);
}

/** The first node that sees gradients as parts of one memory. */
function gradientsRead(graph: Rewriter): Node | undefined {
  return graph.nodes.find(({ inputs, outputs }) =>
    [...inputs, ...outputs].some((id) => graph.tensor(id).span !== undefined),
  );
}

/** What computes a tensor, or the one it is another shape of. */
function makerOf(graph: Rewriter, id: number): Node | undefined {
  const maker = graph.maker(id);
  return maker?.op === "Reshape" ? makerOf(graph, maker.inputs[0] as number) : maker;
}

/** Elementwise or a reduction, over floats, and nobody but those who name its result sees it in this step. */
function isFusable(graph: Rewriter, node: Node): boolean {
  const isFloat = (id: number) => graph.tensor(id).dtype === "float32";
  const output = graph.tensor(node.outputs[0] as number);
  if (!isElementwise(node) && !isReduction(node)) return false;
  const isOwn =
    output.role === "state"
      ? node.inputs[0] === output.id && graph.everyReader(output.id, (reader) => reader === node)
      : output.role === "scratch" || output.role === "gradient";
  return (
    isOwn &&
    output.span === undefined &&
    graph.writesOnce(output.id) &&
    node.inputs.every(isFloat) &&
    isFloat(output.id)
  );
}

/** Whether the nodes may be one Map that stands where `last` does. */
function fits(graph: Rewriter, group: MapGroup, last: Node, end: Node | undefined): boolean {
  const { nodes } = group;
  if (nodes.length > MOST_NODES) return false;
  const isLater = (reader: Node): boolean =>
    nodes.includes(reader) ||
    graph.isBefore(last, reader) ||
    (reader.op === "Reshape" && graph.everyReader(reader.outputs[0] as number, isLater));
  const before = nodes.filter((node) => node !== last);
  if (!before.every(({ outputs }) => graph.everyReader(outputs[0] as number, isLater)))
    return false;
  const isGradient = ({ outputs }: Node) => graph.tensor(outputs[0] as number).role === "gradient";
  if (end && graph.isBefore(end, last) && before.some(isGradient)) return false;
  const { inputs, outputs } = operandsOf(graph, nodes);
  // What nobody reads is left as it is.
  if (outputs.length === 0 || inputs.length + outputs.length > MOST_OPERANDS) return false;
  const areStable = before.every((node) => {
    const outside = node.inputs.filter((id) => inputs.includes(id));
    return graph.isStable(outside, node, last);
  });
  return areStable && reducesWell(graph, group, (id) => madeWithin(graph, nodes, id));
}

/** The member whose result a tensor is, be it under another shape. */
function madeWithin(graph: Rewriter, nodes: readonly Node[], id: number): Node | undefined {
  const maker = makerOf(graph, id);
  return maker && nodes.includes(maker) ? maker : undefined;
}

/** What the nodes read that none of them makes and is no number known by now, and what others read of theirs. */
function operandsOf(graph: Rewriter, nodes: readonly Node[]) {
  const inputs: number[] = [];
  const outputs: number[] = [];
  const isPrivate = (id: number): boolean =>
    graph.tensor(id).role === "scratch" &&
    graph.everyReader(
      id,
      (reader) =>
        nodes.includes(reader) ||
        (reader.op === "Reshape" && isPrivate(reader.outputs[0] as number)),
    );
  for (const node of nodes) {
    const output = node.outputs[0] as number;
    for (const id of node.inputs) {
      if (inputs.includes(id)) continue;
      // What a node changes in place it reads first.
      if (id !== output && madeWithin(graph, nodes, id)) continue;
      if (numberOf(graph, id) === undefined) inputs.push(id);
    }
    if (!isPrivate(output)) outputs.push(output);
  }
  return { inputs, outputs };
}

/** The value of a tensor of one element that is known by now. */
function numberOf(graph: Rewriter, id: number): number | undefined {
  const { role, value, shape } = graph.tensor(id);
  if (sizeOf(shape) !== 1) return undefined;
  if (role === "constant") return value?.[0];
  const maker = graph.maker(id);
  return maker?.op === "Fill" ? (maker.attributes.value as number) : undefined;
}

/** Numbers that stand in Maps need no tensor. */
function dropFills(graph: Rewriter): void {
  for (const node of graph.nodes) {
    const output = node.outputs[0] as number;
    if (node.op === "Fill" && graph.isPrivate(output, [])) graph.replace([node], new Map());
  }
}

function replace(graph: Rewriter, { nodes, reduces }: MapGroup): void {
  const { inputs, outputs } = operandsOf(graph, nodes);
  const formula = new Formula();
  const values = new Map(inputs.map((id, index) => [id, formula.input(index)]));
  const valueAt = (id: number): Value => {
    const known = values.get(id);
    if (known) return known;
    const number = numberOf(graph, id);
    if (number !== undefined) return formula.constant(number);
    // A member's result under another shape.
    return valueAt(graph.maker(id)?.inputs[0] as number);
  };
  const inOrder = [...nodes].sort((a, b) => (graph.isBefore(a, b) ? -1 : 1));
  for (const node of inOrder) {
    values.set(node.outputs[0] as number, valueAfter(formula, node, node.inputs.map(valueAt)));
  }
  const last = inOrder.at(-1) as Node;
  const results = outputs.map((id) => values.get(id) as Value);
  const attributes = {
    ...formula.attributes(results),
    ...(reduces ? { axes: [...reduces.axes] } : {}),
  };
  const label = last.label === undefined ? {} : { label: last.label };
  const map: Node = { op: reduces?.op ?? "Map", inputs, outputs, attributes, ...label };
  // Other shapes of results stand behind what makes these now, and go where only members read them.
  const [kept, lost] = [outputs, nodes.map(({ outputs: [id] }) => id as number)].map((ids) =>
    ids.flatMap((id) => shapesOf(graph, id)),
  ) as [Node[], Node[]];
  const moved = kept.filter((node) => graph.isBefore(node, last));
  const gone = lost.filter((node) => !kept.includes(node));
  graph.replace([...inOrder.slice(0, -1), ...moved, ...gone], new Map([[last, [map, ...moved]]]));
}

/** The nodes that give a tensor another shape, and those that do so with theirs. */
function shapesOf(graph: Rewriter, id: number): Node[] {
  return graph
    .readers(id)
    .filter(({ op }) => op === "Reshape")
    .flatMap((node) => [node, ...shapesOf(graph, node.outputs[0] as number)]);
}
