/**
 * Training problems small enough to be solved before anything is trusted to a device: one for each family
 * of ops. They show a program that goes wrong; that each op is right is what `@hone/conformance` is for. Their answers
 * are in known-answers.ts.
 *
 * Where arithmetic of 32 bits could go either way (a pool's winner, an Adam step of a gradient near zero) the
 * problems keep their distance: smooth functions, and an epsilon that makes Adam smooth.
 */
import type { Augment } from "../graph/augment.js";
import type { LossName } from "../graph/losses/index.js";
import { adam, momentum, type Optimizer, sgd } from "../graph/optimizer.js";
import type { Shape } from "../graph/types.js";
import type { Network } from "./network.js";

export interface Problem {
  readonly name: string;
  /** Of one row. */
  readonly inputShape: Shape;
  /** Pixels as bytes, scaled by 1/255, rather than floats from -1 to 1. */
  readonly pixels?: boolean;
  /** What training does to the images. */
  readonly augment?: Augment;
  readonly loss: LossName;
  readonly outputs: number;
  readonly optimizer: Optimizer;
  /** From the input [B, …inputShape] to the output [B, outputs]. */
  build(network: Network, input: number): number;
}

const dense: Problem = {
  name: "dense layers",
  inputShape: [40],
  loss: "sparseCategoricalCrossentropy",
  outputs: 5,
  optimizer: adam(0.02, { epsilon: 0.01 }),
  build(network, input) {
    const first = network.op("Relu", [network.dense("dense_1", input, 64)]);
    const second = network.dense("dense_2", network.dropout(first, 0.25), 24);
    return network.op("Softmax", [network.dense("dense_3", network.op("Tanh", [second]), 5)]);
  },
};

const convolutional: Problem = {
  name: "convolutions with pools",
  inputShape: [18, 18, 1],
  pixels: true,
  loss: "sparseCategoricalCrossentropy",
  outputs: 10,
  optimizer: adam(0.01, { epsilon: 0.01 }),
  build(network, input) {
    let x = network.convolution("convolution_1", input, { filters: 16, size: 3 });
    x = network.pool("MaxPool", network.op("Relu", [x]), 2, 2);
    x = network.convolution("convolution_2", x, { filters: 32, size: 3 });
    x = network.pool("MaxPool", network.op("Relu", [x]), 2, 2);
    x = network.reshape(x, [network.shape(x)[0] as number, 288]);
    x = network.op("Relu", [network.dense("dense_1", x, 32)]);
    return network.op("Softmax", [network.dense("dense_2", x, 10)]);
  },
};

const normalized: Problem = {
  name: "strided convolutions, batch normalisation and average pools",
  inputShape: [9, 9, 3],
  loss: "categoricalCrossentropy",
  outputs: 4,
  optimizer: momentum(0.05, 0.9, { useNesterov: true, clipNorm: 0.5 }),
  build(network, input) {
    let x = network.convolution("convolution_1", input, {
      filters: 12,
      size: 5,
      padding: 2,
      bias: false,
    });
    x = network.op("Relu", [network.batchNormalization("normalization", x)]);
    x = network.pool("MaxPool", x, 3, 2, 1);
    x = network.pool("AvgPool", x, 2, 1);
    x = network.convolution("convolution_2", x, { filters: 8, size: 3, stride: 2, padding: 1 });
    x = network.op("Sigmoid", [x]);
    const pooled = network.op("Sum", [x], { axes: [1, 2], keepDims: false });
    return network.op("Softmax", [network.dense("dense", pooled, 4)]);
  },
};

const elementwise: Problem = {
  name: "elementwise functions",
  inputShape: [12],
  loss: "meanSquaredError",
  outputs: 8,
  optimizer: sgd(0.2),
  build(network, input) {
    const x = network.dense("dense_1", input, 16);
    const one = (op: string, id = x, attributes = {}) => network.op(op, [id], attributes);
    const two = (op: string, a: number, b: number) => network.op(op, [a, b]);
    const weighted = (index: number, id: number) =>
      two("Multiply", id, network.parameter(`weights_${index}`, [16], 0.5, 0.5));
    const positive = two("Add", one("Square"), network.scalar(1));
    const terms = [
      one("Elu"),
      one("Selu"),
      one("Relu6"),
      one("LeakyRelu", x, { alpha: 0.3 }),
      one("Softplus"),
      one("Erf"),
      one("Exp", one("Neg", positive)),
      one("Log", positive),
      one("Sqrt", positive),
      one("Reciprocal", positive),
      one("Abs"),
      two("Pow", positive, network.scalar(0.7)),
      two("Maximum", x, one("ClipByValue", x, { clipValueMin: -0.2, clipValueMax: 0.2 })),
      two("Minimum", x, network.op("Fill", [], { shape: [16], value: 0.3 })),
      two("RealDiv", x, positive),
      two("SquaredDifference", x, network.scalar(0.5)),
      network.op("Select", [comparison(network, x), x, one("Sign")]),
    ];
    const sum = terms
      .map((term, index) => weighted(index, term))
      .reduce((a, b) => two("Add", a, b));
    return network.dense("dense_2", one("Tanh", sum), 8);
  },
};

/** 1 or 0 for each element, by way of all six comparisons and a cast there and back. */
function comparison(network: Network, x: number): number {
  const compare = (op: string, value: number) => network.op(op, [x, network.scalar(value)]);
  const greater = network.op("Multiply", [compare("Greater", -0.6), compare("LessEqual", 0.6)]);
  const less = network.op("Multiply", [compare("Less", 0.7), compare("GreaterEqual", -0.5)]);
  const different = network.op("NotEqual", [greater, network.scalar(0)]);
  const both = network.op("Equal", [different, less]);
  return network.op("Cast", [network.op("Cast", [both], { dtype: "int32" })], { dtype: "float32" });
}

const shapes: Problem = {
  name: "shapes and reductions",
  inputShape: [4, 6],
  loss: "binaryCrossentropy",
  outputs: 3,
  optimizer: sgd(0.3, { clipNorm: 1 }),
  build(network, input) {
    const [batch] = network.shape(input) as [number];
    const weights = network.parameter("weights", [1, 6, 5], 0.6);
    const product = (a: number, b: number) =>
      network.op("BatchMatMul", [a, b], { transposeA: false, transposeB: false });
    let x = product(input, weights);
    const turned = network.op("Transpose", [x], { perm: [0, 2, 1] });
    x = product(network.op("Softmax", [x]), turned);
    const padded = network.op("PadV2", [x], {
      paddings: [0, 0, 1, 0, 0, 2],
      constantValue: 0.25,
    });
    const slice = network.op("Slice", [padded], { begin: [0, 1, 1], size: [batch, 4, 4] });
    const tiled = network.op("Tile", [network.parameter("pattern", [1, 4, 2], 0.5)], {
      reps: [batch, 1, 2],
    });
    x = network.op("Concat", [network.op("LogSoftmax", [slice]), tiled], { axis: 2 });
    const reduce = (op: string) => network.op(op, [x], { axes: [1], keepDims: false });
    const reduced = network.op("Concat", [reduce("Sum"), reduce("Max"), reduce("Min")], {
      axis: 1,
    });
    const best = network.op("Cast", [network.op("ArgMax", [reduced])], { dtype: "float32" });
    const hint = network.op("Multiply", [network.reshape(best, [batch, 1]), network.scalar(0.01)]);
    const joined = network.op("Concat", [reduced, hint], { axis: 1 });
    return network.op("Sigmoid", [network.dense("dense", joined, 3)]);
  },
};

/** Apart from the others, so that a device that lacks the op is still tried on all else. */
const augmented: Problem = {
  name: "images moved and mirrored",
  inputShape: [7, 6, 1],
  pixels: true,
  augment: { shift: 2, flip: true },
  loss: "sparseCategoricalCrossentropy",
  outputs: 4,
  optimizer: sgd(0.3),
  build(network, input) {
    const flat = network.reshape(input, [network.shape(input)[0] as number, 42]);
    return network.op("Softmax", [network.dense("dense", flat, 4)]);
  },
};

export const problems: readonly Problem[] = [
  dense,
  convolutional,
  normalized,
  elementwise,
  shapes,
  augmented,
];
