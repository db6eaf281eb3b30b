/** A convolution layer with a pool behind it, and its gradients, as a training step holds them. */
import { GraphBuilder } from "../../graph/builder.js";
import { gradients } from "../../graph/gradient.js";
import { simplify } from "../../graph/simplify.js";
import type { Attributes, Graph } from "../../graph/types.js";

export interface PooledLayer {
  readonly bias?: boolean;
  readonly activation?: "Relu" | "LeakyRelu" | "Tanh";
  readonly dilations?: readonly [number, number];
  /** Of the pool: 2 by 2 with strides of 2, none padded, unless given. */
  readonly pool?: Attributes;
  /** What a gradient is made for; nothing unless given. */
  readonly trained?: readonly ("x" | "filter" | "bias")[];
  /** Gives the convolution's output, after its activation, this name. */
  readonly named?: string;
  /** Another reader of the convolution's output, or of its gradient. */
  readonly alsoRead?: "output" | "gradient";
}

const PAIRS = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };

/** Names: `x`, `filter`, `bias`, `y`, `dy`, and `gradient:x` and so on. */
export function pooledLayer(layer: PooledLayer): Graph {
  const { bias = true, activation, dilations = [1, 1], pool = PAIRS, trained = [] } = layer;
  const builder = new GraphBuilder();
  const ids = {
    x: builder.persistent("x", "input", [2, 10, 9, 3]),
    filter: builder.persistent("filter", "parameter", [3, 3, 3, 4]),
    bias: builder.persistent("bias", "parameter", [4]),
  };
  const window = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [...dilations] };
  builder.label = "convolution";
  const product = builder.op("Conv2D", [ids.x, ids.filter], window);
  const biased = bias ? builder.op("Add", [product, ids.bias]) : product;
  const slope: Attributes = activation === "LeakyRelu" ? { alpha: 0.25 } : {};
  const c = activation ? builder.op(activation, [biased], slope) : biased;
  builder.label = "pool";
  const y = builder.op("MaxPool", [c], pool);
  builder.label = undefined;
  name(builder, y, "y");
  if (layer.named) name(builder, c, layer.named);
  if (layer.alsoRead === "output") name(builder, builder.op("Exp", [c]), "exp");
  if (trained.length > 0) {
    const dy = builder.persistent("dy", "input", builder.shape(y));
    const wanted = trained.map((which) => ids[which]);
    const found = gradients(builder, new Map([[y, dy]]), wanted);
    for (const which of trained)
      name(builder, found.get(ids[which]) as number, `gradient:${which}`);
  }
  if (layer.alsoRead === "gradient") {
    const { inputs } = builder.nodes.find(({ op }) => op === "Conv2DBackpropFilter") ?? {};
    name(builder, builder.op("Abs", [inputs?.[1] as number]), "abs");
  }
  return simplify(builder.build());
}

/** Has a tensor outlive the step under a name; one that is another's memory is copied. */
function name(builder: GraphBuilder, id: number, title: string): void {
  if (builder.maker(id)?.op === "Reshape") {
    builder.opInto("Identity", [id], builder.persistent(title, "metric", builder.shape(id)));
  } else {
    builder.retype(id, "metric", title);
  }
}

/** The nodes' ops in order. */
export const opsIn = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);
