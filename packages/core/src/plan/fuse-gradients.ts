/**
 * The gradient of relu, alone, behind a max pool or before a dropout, becomes one node where the target
 * has it. Behind relu, what dropout kept can be seen in its result: no mask is drawn a second time.
 */
import { sizeOf } from "../graph/geometry.js";
import type { Node } from "../graph/types.js";
import { WINNER_OPS } from "./fuse-pool-gradients.js";
import { areCellsPairs } from "./fuse-pools.js";
import type { Rewriter } from "./rewriter.js";

export function fuseGradients(graph: Rewriter, ops: readonly string[]): void {
  if (!ops.includes("MultiplyByStep")) return;
  for (const node of graph.nodes) if (node.op === "Step") fuseStep(graph, node);
  const dropouts = graph.nodes.filter(({ op }) => op === "Dropout");
  const twins = new Map<string, Node[]>();
  for (const node of dropouts) twins.set(maskOf(node), [...(twins.get(maskOf(node)) ?? []), node]);
  for (const node of dropouts) fuseDropout(graph, node, twins.get(maskOf(node)) ?? []);
  if (!ops.includes("MaxPoolGradByStep")) return;
  for (const node of graph.nodes) if (node.op === "MaxPoolGrad") fusePoolGradient(graph, node);
}

/** Step, Multiply → MultiplyByStep. */
function fuseStep(graph: Rewriter, step: Node): void {
  const mask = step.outputs[0] as number;
  const multiply = graph.onlyReader(mask);
  const dy = multiply?.inputs.find((id) => id !== mask);
  if (multiply?.op !== "Multiply" || dy === undefined) return;
  if (!graph.isStable(step.inputs, step, multiply)) return;
  const [x] = step.inputs as readonly [number];
  const size = sizeOf(graph.tensor(multiply.outputs[0] as number).shape);
  if ([x, dy].some((id) => sizeOf(graph.tensor(id).shape) !== size)) return;
  const { attributes } = step;
  const fused = { ...multiply, op: "MultiplyByStep", inputs: [x, dy], attributes };
  graph.replace([step], new Map([[multiply, fused]]));
}

/** MaxPoolGrad, MultiplyByStep of the pool's own input → MaxPoolGradByStep. */
function fusePoolGradient(graph: Rewriter, pool: Node): void {
  const gradient = pool.outputs[0] as number;
  const multiply = graph.onlyReader(gradient);
  const [dy, x, y] = pool.inputs as readonly [number, number, number];
  if (multiply?.op !== "MultiplyByStep" || `${multiply.inputs}` !== `${x},${gradient}`) return;
  if ((multiply.attributes.scale ?? 1) !== 1) return;
  if (!areCellsPairs(pool.attributes)) return;
  const attributes = { ...pool.attributes, ...multiply.attributes };
  const fused = { ...multiply, op: "MaxPoolGradByStep", inputs: [dy, x, y], attributes };
  graph.replace([pool], new Map([[multiply, fused]]));
}

/** Dropout of a gradient, and the relu that its forward dropout stood behind → MultiplyByStep. */
function fuseDropout(graph: Rewriter, backward: Node, twins: readonly Node[]): void {
  const forward = twins.find((node) => node !== backward && graph.has(node));
  if (!forward || !graph.isBefore(forward, backward)) return;
  const [x, kept] = [forward.inputs[0] as number, forward.outputs[0] as number];
  const [dy, gradient] = [backward.inputs[0] as number, backward.outputs[0] as number];
  const scale = 1 / (1 - (backward.attributes.rate as number));
  const op = "MultiplyByStep";
  const attributes = { alpha: 0, scale };
  const multiply = graph.onlyReader(gradient);
  if (
    multiply?.op === op &&
    `${multiply.inputs}` === `${x},${gradient}` &&
    multiply.attributes.alpha === 0 &&
    (multiply.attributes.scale ?? 1) === 1
  ) {
    const fused = { ...multiply, inputs: [kept, dy], attributes };
    graph.replace([backward], new Map([[multiply, fused]]));
    return;
  }
  if (!followsWinners(graph, gradient, x)) return;
  graph.replace([], new Map([[backward, { ...backward, op, inputs: [kept, dy], attributes }]]));
}

/** The same for dropouts that draw the same mask, which one does only because it is another's gradient. */
function maskOf({ attributes, inputs }: Node): string {
  return `${attributes.ordinal} ${attributes.rate} ${inputs[1]}`;
}

/** Whether a gradient goes to winners alone, of a pool behind relu that made x: zeros of x have none. */
function followsWinners(graph: Rewriter, gradient: number, x: number): boolean {
  const pool = graph.maker(x);
  if (pool?.op !== "FusedConv2DMaxPool" || pool.attributes.activation !== "relu") return false;
  const readers = graph.readers(gradient);
  const winners = pool.outputs[1];
  return (
    winners !== undefined &&
    graph.isPrivate(gradient, readers) &&
    readers.every(({ op, inputs }) => WINNER_OPS.includes(op) && inputs.includes(winners))
  );
}
