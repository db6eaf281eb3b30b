/** The gradient of relu, alone or behind a max pool, becomes one node where the target has it. */
import { sizeOf } from "../graph/geometry.js";
import type { Node } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

export function fuseGradients(graph: Rewriter, ops: readonly string[]): void {
  if (!ops.includes("MultiplyByStep")) return;
  for (const node of graph.nodes) if (node.op === "Step") fuseStep(graph, node);
  if (!ops.includes("MaxPoolGradByStep")) return;
  for (const node of graph.nodes) if (node.op === "MaxPoolGrad") fusePoolGradient(graph, node);
}

/** Step, Multiply → MultiplyByStep. */
function fuseStep(graph: Rewriter, step: Node): void {
  const mask = step.outputs[0] as number;
  const multiply = graph.onlyReader(mask);
  const dy = multiply?.inputs.find((id) => id !== mask);
  if (multiply?.op !== "Multiply" || dy === undefined) return;
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
  const { filterSize, strides, padding } = pool.attributes;
  if (`${filterSize}/${strides}/${padding}` !== "2,2/2,2/0,0,0,0") return;
  const attributes = { ...pool.attributes, ...multiply.attributes };
  const fused = { ...multiply, op: "MaxPoolGradByStep", inputs: [dy, x, y], attributes };
  graph.replace([pool], new Map([[multiply, fused]]));
}
