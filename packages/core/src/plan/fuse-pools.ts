/**
 * A convolution, its bias and relu, and the max pool of 2 by 2 behind it become one node, which also
 * notes each cell's winner; the gradients then follow the winners, and the convolution's output is
 * never stored, forward or backward.
 *
 *   c = FusedConv2D(x, filter, bias)         y, winners = FusedConv2DMaxPool(x, filter, bias)
 *   y = MaxPool(c)
 *   dz = MaxPoolGrad(dy, c, y) · Step(c)     dFilter, dBias = …BackpropFilter(x, dy, winners)
 *   dFilter, dx, dBias of dz                 dx = …BackpropInput(dy, winners, filter)
 */
import type { Attributes, Node } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

const FORWARD = "FusedConv2DMaxPool";
const BACKPROP_FILTER = "FusedConv2DMaxPoolBackpropFilter";
const BACKPROP_INPUT = "FusedConv2DMaxPoolBackpropInput";

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

export function fusePools(graph: Rewriter, ops: readonly string[]): void {
  if (![FORWARD, BACKPROP_FILTER, BACKPROP_INPUT].every((op) => ops.includes(op))) return;
  for (const node of graph.nodes) {
    if (node.op === "MaxPool") fusePool(graph, node);
  }
}

function fusePool(graph: Rewriter, pool: Node): void {
  const [c] = pool.inputs as readonly [number];
  const convolution = graph.maker(c);
  if (!convolution || !areCellsPairs(pool.attributes) || !isPlainConvolution(convolution)) return;
  if (!graph.isStable(convolution.inputs, convolution, pool)) return;
  const others = graph.readers(c).filter((reader) => reader !== pool);
  const backward = others.length > 0 ? backwardOf(graph, convolution, pool, others) : undefined;
  if (others.length > 0 && !backward) return;
  if (!graph.isPrivate(c, [pool, ...(backward?.masks ?? [])])) return;

  const { strides = [], padding = [], activation = "linear" } = convolution.attributes;
  const outputSize = graph.tensor(c).shape.slice(1, 3);
  const attributes = { strides, padding, dilations: [1, 1], activation, outputSize };
  const [x, filter] = convolution.inputs as readonly [number, number];
  const y = pool.outputs[0] as number;
  const shape = graph.tensor(y).shape;
  const winners = backward ? [graph.scratch({ shape, dtype: "int32" })] : [];
  const label = convolution.label === undefined ? {} : { label: convolution.label };
  const forward = {
    op: FORWARD,
    inputs: convolution.inputs,
    outputs: [y, ...winners],
    attributes,
    ...label,
  };
  const fresh = new Map<Node, Node>([[pool, forward]]);
  const old = [convolution];
  if (backward) {
    const { dy, masks, bias, input } = backward;
    old.push(...masks, ...(bias ? [bias] : []), backward.filter);
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
  }
  graph.replace(old, fresh);
}

function earlier(graph: Rewriter, a: Node, b: Node | undefined): Node {
  return b && graph.isBefore(b, a) ? b : a;
}

/** Whether a pool's windows are 2 by 2, side by side, without padding. */
export function areCellsPairs({ filterSize, strides, padding }: Attributes): boolean {
  return `${filterSize}/${strides}/${padding}` === "2,2/2,2/0,0,0,0";
}

function isPlainConvolution({ op, attributes }: Node): boolean {
  const isDilated = `${attributes.dilations ?? [1, 1]}` !== "1,1";
  return (op === "Conv2D" || op === "FusedConv2D") && !isDilated;
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
