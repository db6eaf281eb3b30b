/**
 * What fuse-pools.ts makes one node, where it is trained: the node also notes each cell's winner; the gradients then
 * follow the winners, and the convolution's output is never stored, forward or backward.
 *
 *   c = FusedConv2D(x, filter, bias)         y, winners = FusedConv2DMaxPool(x, filter, bias)
 *   y = MaxPool(c)
 *   dz = MaxPoolGrad(dy, c, y) · Step(c)     dFilter, dBias = …BackpropFilter(x, dy, winners)
 *   dFilter, dx, dBias of dz                 dx = …BackpropInput(dy, winners, filter)
 */
import type { Node } from "../graph/types.js";
import {
  BACKPROP_FILTER,
  BACKPROP_INPUT,
  type PooledConvolution,
  pooled,
  pooledConvolutions,
} from "./fuse-pools.js";
import type { Rewriter } from "./rewriter.js";

/** Ops that read a gradient where the pool's winners are, and nowhere else. */
export const WINNER_OPS: readonly string[] = [BACKPROP_FILTER, BACKPROP_INPUT];

/** The nodes of a backward pass that take part. */
interface Backward {
  readonly dy: number;
  /** MaxPoolGrad, and Step and Multiply where there is a relu. */
  readonly masks: readonly Node[];
  readonly filter: Node;
  readonly input: Node | undefined;
  readonly bias: Node | undefined;
}

export function fusePoolGradients(graph: Rewriter, ops: readonly string[]): void {
  for (const found of pooledConvolutions(graph, ops)) fusePoolGradient(graph, found);
}

function fusePoolGradient(graph: Rewriter, found: PooledConvolution): void {
  const { convolution, pool, attributes, label } = found;
  const [c] = pool.inputs as readonly [number];
  const others = graph.readers(c).filter((reader) => reader !== pool);
  const backward = backwardOf(graph, convolution, pool, others);
  if (!backward || !graph.isPrivate(c, [pool, ...backward.masks])) return;

  const [x, filter] = convolution.inputs as readonly [number, number];
  const shape = graph.tensor(pool.outputs[0] as number).shape;
  const winners = [graph.scratch({ shape, dtype: "int32" })];
  const fresh = new Map<Node, Node>([[pool, pooled(found, winners)]]);
  const { dy, masks, bias, input } = backward;
  // Where the first of the two stood, since the other's readers may come before it.
  const place = earlier(graph, backward.filter, bias);
  fresh.set(place, {
    op: BACKPROP_FILTER,
    inputs: [x, dy, ...winners],
    outputs: [backward.filter.outputs[0] as number, ...(bias ? [bias.outputs[0] as number] : [])],
    attributes: { ...attributes, filterShape: [...graph.tensor(filter).shape] },
    ...label,
  });
  if (input) {
    fresh.set(input, {
      op: BACKPROP_INPUT,
      inputs: [dy, ...winners, filter],
      outputs: input.outputs,
      attributes: { ...attributes, inputShape: [...graph.tensor(x).shape] },
      ...label,
    });
  }
  graph.replace([convolution, ...masks, ...(bias ? [bias] : []), backward.filter], fresh);
}

function earlier(graph: Rewriter, a: Node, b: Node | undefined): Node {
  return b && graph.isBefore(b, a) ? b : a;
}

/** The backward pass through pool, relu and convolution, if it is all there and nothing else. */
function backwardOf(
  graph: Rewriter,
  convolution: Node,
  pool: Node,
  readers: readonly Node[],
): Backward | undefined {
  const [c, y] = [pool.inputs[0] as number, pool.outputs[0] as number];
  const gradient = readers.find(({ op }) => op === "MaxPoolGrad");
  if (!gradient || gradient.inputs[1] !== c || gradient.inputs[2] !== y) return undefined;
  const masks = [gradient];
  let dz = gradient.outputs[0] as number;
  if (convolution.attributes.activation === "relu") {
    const step = readers.find(({ op, attributes }) => op === "Step" && attributes.alpha === 0);
    const multiply = graph.onlyReader(dz);
    const stepped = step?.outputs[0] as number;
    if (!step || multiply?.op !== "Multiply" || graph.onlyReader(stepped) !== multiply) {
      return undefined;
    }
    masks.push(step, multiply);
    dz = multiply.outputs[0] as number;
  }
  if (readers.some((reader) => !masks.includes(reader))) return undefined;
  const users = graph.readers(dz);
  const filter = users.find(({ op }) => op === "Conv2DBackpropFilter");
  const input = users.find(({ op }) => op === "Conv2DBackpropInput");
  const bias = users.find((node) => isBiasSum(graph, node));
  const known = [filter, input, bias].filter((node) => node !== undefined);
  if (!filter || users.length !== known.length || !graph.isPrivate(dz, known)) return undefined;
  if (filter.inputs[0] !== convolution.inputs[0] || filter.inputs[1] !== dz) return undefined;
  if (input && (input.inputs[0] !== dz || input.inputs[1] !== convolution.inputs[1])) {
    return undefined;
  }
  return { dy: gradient.inputs[0] as number, masks, filter, input, bias };
}

/** A sum over images, rows and columns. */
function isBiasSum(graph: Rewriter, { op, inputs, attributes }: Node): boolean {
  const rank = graph.tensor(inputs[0] as number).shape.length;
  return op === "Sum" && rank === 4 && `${attributes.axes}` === "0,1,2";
}
