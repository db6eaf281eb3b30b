/**
 * A convolution, its bias and relu, and the max pool of 2 by 2 behind it become one node, where nothing else reads the
 * convolution's output: it is never stored.
 *
 *   c = FusedConv2D(x, filter, bias)         y = FusedConv2DMaxPool(x, filter, bias)
 *   y = MaxPool(c)
 */
import type { Attributes, Node } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

const POOLED = "FusedConv2DMaxPool";

/** A target that has some of these has all of them. */
export const BACKPROP_FILTER = `${POOLED}BackpropFilter`;
export const BACKPROP_INPUT = `${POOLED}BackpropInput`;

/** A convolution and the pool behind it that can become one node. */
export interface PooledConvolution {
  readonly convolution: Node;
  readonly pool: Node;
  /** Attributes of the one node, and of those of its gradients. */
  readonly attributes: Attributes;
  readonly label: { readonly label?: string };
}

export function fusePools(graph: Rewriter, ops: readonly string[]): void {
  for (const found of pooledConvolutions(graph, ops)) {
    const { convolution, pool } = found;
    if (graph.onlyReader(pool.inputs[0] as number) !== pool) continue;
    graph.replace([convolution], new Map([[pool, pooled(found, [])]]));
  }
}

export function pooledConvolutions(graph: Rewriter, ops: readonly string[]): PooledConvolution[] {
  if (![POOLED, BACKPROP_FILTER, BACKPROP_INPUT].every((op) => ops.includes(op))) return [];
  return graph.nodes.flatMap((pool) => {
    if (pool.op !== "MaxPool" || !areCellsPairs(pool.attributes)) return [];
    const [c] = pool.inputs as readonly [number];
    const convolution = graph.maker(c);
    if (!convolution || !isPlainConvolution(convolution)) return [];
    if (!graph.isStable(convolution.inputs, convolution, pool)) return [];
    const { strides = [], padding = [], activation = "linear" } = convolution.attributes;
    const outputSize = graph.tensor(c).shape.slice(1, 3);
    const attributes = { strides, padding, dilations: [1, 1], activation, outputSize };
    const label = convolution.label === undefined ? {} : { label: convolution.label };
    return [{ convolution, pool, attributes, label }];
  });
}

/** The one node. @param winners where each cell's winner is noted, if it is */
export function pooled(
  { convolution, pool, attributes, label }: PooledConvolution,
  winners: readonly number[],
): Node {
  const outputs = [pool.outputs[0] as number, ...winners];
  return { op: POOLED, inputs: convolution.inputs, outputs, attributes, ...label };
}

/** Whether a pool's windows are 2 by 2, side by side, without padding. */
export function areCellsPairs({ filterSize, strides, padding }: Attributes): boolean {
  return `${filterSize}/${strides}/${padding}` === "2,2/2,2/0,0,0,0";
}

function isPlainConvolution({ op, attributes }: Node): boolean {
  const isDilated = `${attributes.dilations ?? [1, 1]}` !== "1,1";
  return (op === "Conv2D" || op === "FusedConv2D") && !isDilated;
}
