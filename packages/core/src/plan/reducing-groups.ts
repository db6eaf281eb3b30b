/** What a group with reductions must keep to, so that it can be computed row by row, or in one pass over columns. */
import { type Reach, reachOf } from "../graph/reduction-shape.js";
import type { Node } from "../graph/types.js";
import type { MapGroup } from "./map-group.js";
import type { Rewriter } from "./rewriter.js";
import { isCostly, isReduction } from "./scalar-nodes.js";

/** Of a member: whether it is a number of a row or column, and how many reductions it waits for. */
interface Level {
  readonly isReduced: boolean;
  readonly stage: number;
}

type MadeWithin = (id: number) => Node | undefined;

const isOneForAll = (reach: Reach | undefined) => reach === "kept" || reach === "one";

/**
 * A column's sum is known only after all rows: so nothing may follow it but numbers of columns. A row may be walked
 * again, as long as nothing costly is computed again.
 */
export function reducesWell(graph: Rewriter, group: MapGroup, madeWithin: MadeWithin): boolean {
  const { reduces } = group;
  if (!reduces) return true;
  const nodes = [...group.nodes].sort((a, b) => (graph.isBefore(a, b) ? -1 : 1));
  const levels = levelsOf(graph, { ...group, nodes }, madeWithin);
  if (!levels) return false;
  if (reduces.op === "RowMap") return !repeatsWork(graph, nodes, levels, madeWithin);
  return nodes.every((node) => {
    const { isReduced, stage } = levels.get(node) as Level;
    return isReduction(node) ? stage === 1 : isReduced || stage === 0;
  });
}

/** Undefined where an operand of a member does not go with the others. */
function levelsOf(
  graph: Rewriter,
  { nodes, shape, reduces }: MapGroup,
  madeWithin: MadeWithin,
): Map<Node, Level> | undefined {
  const levels = new Map<Node, Level>();
  for (const node of nodes) {
    const output = node.outputs[0] as number;
    const reduction = isReduction(node);
    const isReduced = reduction || `${graph.tensor(output).shape}` !== `${shape}`;
    let stage = reduction ? 1 : 0;
    for (const id of node.inputs) {
      const own = graph.tensor(id).shape;
      const maker = id === output ? undefined : madeWithin(id);
      const level = maker && levels.get(maker);
      const reach = reachOf(own, shape, reduces?.axes ?? []);
      if (level) stage = Math.max(stage, level.stage + (reduction ? 1 : 0));
      const fits = level?.isReduced
        ? isReduced || isOneForAll(reach)
        : isReduced && !reduction
          ? isOneForAll(reach) && !level
          : level
            ? `${own}` === `${shape}`
            : reach !== undefined;
      if (!fits) return undefined;
    }
    levels.set(node, { isReduced, stage });
  }
  return levels;
}

/** Whether a costly value of elements is wanted in more than one walk along a row. */
function repeatsWork(
  graph: Rewriter,
  nodes: readonly Node[],
  levels: ReadonlyMap<Node, Level>,
  madeWithin: MadeWithin,
): boolean {
  if (!nodes.some(isCostly)) return false;
  const last = Math.max(...nodes.map((node) => levels.get(node)?.stage ?? 0));
  const walks = new Map<Node, Set<number>>(nodes.map((node) => [node, new Set()]));
  for (const node of [...nodes].reverse()) {
    const { isReduced, stage } = levels.get(node) as Level;
    const own = walks.get(node) as Set<number>;
    if (!isReduced && !graph.isPrivate(node.outputs[0] as number, nodes)) own.add(last);
    if (!isReduced && own.size > 1 && isCostly(node)) return true;
    if (isReduced && !isReduction(node)) continue;
    for (const id of node.inputs) {
      const maker = madeWithin(id);
      if (!maker || levels.get(maker)?.isReduced) continue;
      for (const walk of isReduction(node) ? [stage - 1] : own) walks.get(maker)?.add(walk);
    }
  }
  return false;
}
