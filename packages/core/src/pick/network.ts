/** Builds the small networks that devices are tried on: weights with a name, ops, one input. */
import { GraphBuilder } from "../graph/builder.js";
import { sizeOf } from "../graph/geometry.js";
import type { ModelGraph } from "../graph/template.js";
import type { Attributes, Shape } from "../graph/types.js";
import { RandomStream } from "../random.js";

/** One weight of a network. */
export interface NetworkWeight {
  /** In the graph: `parameter:0`, `state:1`. */
  readonly name: string;
  /** For people: `convolution/kernel`. */
  readonly label: string;
  readonly values: Float32Array;
  readonly shape: Shape;
}

/** Makes it when it is first asked for: of most networks only the ops are. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Names of the ports. */
export const INPUT = "input";
export const OUTPUT = "output";

/** Streams 1, 2, … of this seed give the values. */
const WEIGHT_SEED = 0x686f6e65;

export class Network {
  readonly graph = new GraphBuilder();
  readonly weights: NetworkWeight[] = [];
  readonly training: boolean;
  readonly input: number;
  #dropouts = 0;

  constructor(inputShape: Shape, training: boolean) {
    this.training = training;
    this.input = this.graph.persistent("input", "input", inputShape);
  }

  op(name: string, inputs: readonly number[], attributes: Attributes = {}): number {
    return this.graph.op(name, inputs, attributes);
  }

  scalar(value: number): number {
    return this.graph.scalar(value);
  }

  shape(id: number): Shape {
    return this.graph.shape(id);
  }

  reshape(id: number, shape: Shape): number {
    return this.op("Reshape", [id], { shape: [...shape] });
  }

  /** A trainable weight, drawn evenly from -`limit` to `limit` around `centre`. */
  parameter(label: string, shape: Shape, limit: number, centre = 0): number {
    return this.#weight("parameter", label, shape, limit, centre);
  }

  /** A moving statistic: `value` everywhere at first. */
  state(label: string, shape: Shape, value: number): number {
    return this.#weight("state", label, shape, 0, value);
  }

  /** x · kernel + bias, [B, n] to [B, units] */
  dense(label: string, x: number, units: number): number {
    const width = this.shape(x).at(-1) as number;
    const limit = Math.sqrt(6 / (width + units));
    const kernel = this.parameter(`${label}/kernel`, [width, units], limit);
    const product = this.op("BatchMatMul", [x, kernel], { transposeA: false, transposeB: false });
    return this.op("Add", [product, this.parameter(`${label}/bias`, [units], 0.1)]);
  }

  /** Cross-correlation, [B, h, w, c] to [B, h', w', filters]; without a bias when `bias` is false. */
  convolution(
    label: string,
    x: number,
    options: {
      readonly filters: number;
      readonly size: number;
      readonly stride?: number;
      readonly padding?: number;
      readonly bias?: boolean;
    },
  ): number {
    const { filters, size, stride = 1, padding = 0, bias = true } = options;
    const channels = this.shape(x).at(-1) as number;
    const limit = Math.sqrt(6 / (size * size * (channels + filters)));
    const kernel = this.parameter(`${label}/kernel`, [size, size, channels, filters], limit);
    const result = this.op("Conv2D", [x, kernel], {
      strides: [stride, stride],
      padding: [padding, padding, padding, padding],
      dilations: [1, 1],
    });
    if (!bias) return result;
    return this.op("Add", [result, this.parameter(`${label}/bias`, [filters], 0.1)]);
  }

  /** Over windows of `size` by `size`. */
  pool(op: "MaxPool" | "AvgPool", x: number, size: number, stride: number, padding = 0): number {
    return this.op(op, [x], {
      filterSize: [size, size],
      strides: [stride, stride],
      padding: [padding, padding, padding, padding],
    });
  }

  /** Nothing but in training. */
  dropout(x: number, rate: number): number {
    if (!this.training) return x;
    const seed = this.graph.persistent("seed", "state", [1], { dtype: "int32" });
    return this.op("Dropout", [x, seed], { rate, ordinal: this.#dropouts++ });
  }

  /** [B, …, c] normalised over all axes but the last: by the batch in training, else by moving statistics. */
  batchNormalization(label: string, x: number): number {
    const shape = this.shape(x);
    const channels = shape.at(-1) as number;
    const axes = shape.slice(0, -1).map((_, axis) => axis);
    const mean = (id: number) =>
      this.op("Multiply", [
        this.op("Sum", [id], { axes, keepDims: false }),
        this.scalar(channels / sizeOf(shape)),
      ]);
    const gamma = this.parameter(`${label}/gamma`, [channels], 0.2, 1);
    const beta = this.parameter(`${label}/beta`, [channels], 0.2);
    const movingMean = this.state(`${label}/moving_mean`, [channels], 0);
    const movingVariance = this.state(`${label}/moving_variance`, [channels], 1);
    const average = this.training ? mean(x) : movingMean;
    const centred = this.op("Sub", [x, average]);
    const variance = this.training ? mean(this.op("Square", [centred])) : movingVariance;
    if (this.training) {
      this.graph.inPlace("AssignMovingAverage", [movingMean, average], [movingMean], {
        decay: 0.9,
      });
      this.graph.inPlace("AssignMovingAverage", [movingVariance, variance], [movingVariance], {
        decay: 0.9,
      });
    }
    const deviation = this.op("Rsqrt", [this.op("Add", [variance, this.scalar(1e-3)])]);
    const factor = this.op("Multiply", [deviation, gamma]);
    return this.op("Add", [this.op("Multiply", [centred, factor]), beta]);
  }

  model(output: number): ModelGraph {
    return {
      graph: this.graph.build(),
      inputs: [{ name: INPUT, tensor: this.input }],
      outputs: [{ name: OUTPUT, tensor: output }],
      penalties: [],
      labels: [],
      functions: [],
    };
  }

  #weight(
    role: "parameter" | "state",
    label: string,
    shape: Shape,
    limit: number,
    centre: number,
  ): number {
    const index = this.weights.length;
    const name = `${role}:${index}`;
    const values = once(() => {
      const random = new RandomStream(WEIGHT_SEED, index + 1);
      const draw = () => centre + limit * (2 * random.nextFloat() - 1);
      return Float32Array.from({ length: sizeOf(shape) }, draw);
    });
    this.weights.push({
      ...{ name, label, shape },
      get values() {
        return values();
      },
    });
    const block = role === "state" ? { block: "statistics" } : {};
    return this.graph.persistent(name, role, shape, { trainable: role === "parameter", ...block });
  }
}
