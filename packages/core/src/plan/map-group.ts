/** Nodes that may be one Map together, and how their shapes go with one another. */
import { sizeOf } from "../graph/geometry.js";
import type { Node, Shape } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";
import { isReduction } from "./scalar-nodes.js";

export interface MapGroup {
  readonly nodes: readonly Node[];
  /** Of elements. */
  readonly shape: Shape;
  /** What reduces them, if anything does. */
  readonly reduces?: Reducing;
}

export interface Reducing {
  readonly op: "RowMap" | "ColumnMap";
  readonly axes: readonly number[];
  /** How many numbers a reduction leaves. */
  readonly results: number;
}

/** A row is read again for each of its reductions, from the first cache; and its sum is one run of additions. */
const LONGEST_ROW = 4096;
/** Rows that are enough to be shared out. */
const ENOUGH_ROWS = 8;
/** Columns of a vector: fewer are better summed as they lie. */
const LEAST_COLUMNS = 4;

/** How a reduction is one of rows, or of columns, that a Map may have at its end. */
function reducingOf(shape: Shape, axes: readonly number[]): Reducing | undefined {
  const [first = 0] = axes;
  const size = sizeOf(shape);
  const terms = sizeOf(axes.map((axis) => shape[axis] as number));
  if (size === 0) return undefined;
  const results = size / terms;
  if (first + axes.length === shape.length) {
    const isShort = terms <= LONGEST_ROW && (results >= ENOUGH_ROWS || size <= LONGEST_ROW);
    return isShort ? { op: "RowMap", axes, results } : undefined;
  }
  return first === 0 && results >= LEAST_COLUMNS ? { op: "ColumnMap", axes, results } : undefined;
}

/** A node by itself. */
export function groupOf(graph: Rewriter, node: Node, ops: readonly string[]): MapGroup | undefined {
  if (!isReduction(node)) {
    return { nodes: [node], shape: graph.tensor(node.outputs[0] as number).shape };
  }
  const { shape } = graph.tensor(node.inputs[0] as number);
  const reduces = reducingOf(shape, node.attributes.axes as readonly number[]);
  return reduces && ops.includes(reduces.op) ? { nodes: [node], shape, reduces } : undefined;
}

/** Both together, if their shapes allow it. */
export function joined(a: MapGroup, b: MapGroup): MapGroup | undefined {
  const nodes = [...a.nodes, ...b.nodes];
  const [main, other] = a.reduces ? [a, b] : [b, a];
  const isAlike = `${main.shape}` === `${other.shape}`;
  if (!main.reduces) return isAlike ? { ...main, nodes } : undefined;
  const { axes, results } = main.reduces;
  const fits = other.reduces
    ? isAlike && `${other.reduces.axes}` === `${axes}`
    : isAlike || sizeOf(other.shape) === results;
  return fits ? { ...main, nodes } : undefined;
}
