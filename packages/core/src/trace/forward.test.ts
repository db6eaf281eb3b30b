/** What a traced model computes is what tfjs computes. */
import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, test } from "vitest";
import { expectSameOutput, expectSameStep } from "./test/compare.js";
import { Calls, Scaled } from "./test/custom-layers.js";

afterEach(() => tfc.disposeVariables());

const { layers, sequential } = tfl;

const ACTIVATIONS = [
  "elu",
  "hardSigmoid",
  "linear",
  "relu",
  "relu6",
  "selu",
  "sigmoid",
  "softmax",
  "softplus",
  "softsign",
  "tanh",
  "swish",
  "mish",
  "gelu",
  "gelu_new",
] as const;

test.each(ACTIVATIONS)(
  "the activation %s, in a layer of its own and within others",
  async (activation) => {
    const name = activation as "relu";
    const model = sequential({
      layers: [
        layers.conv2d({ inputShape: [5, 6, 2], filters: 3, kernelSize: 3, activation: name }),
        layers.activation({ activation: name }),
        layers.flatten(),
        layers.dense({ units: 4, activation: name }),
      ],
    });
    await expectSameOutput(model);
    await expectSameStep(model);
  },
);

test("activations that are layers", async () => {
  const model = sequential({
    layers: [
      layers.dense({ inputShape: [6], units: 8 }),
      layers.leakyReLU({ alpha: 0.2 }),
      layers.dense({ units: 8 }),
      layers.prelu({ alphaInitializer: "randomNormal" }),
      layers.dense({ units: 8 }),
      layers.elu(),
      layers.dense({ units: 8 }),
      layers.reLU({ maxValue: 2 }),
      layers.softmax({}),
    ],
  });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("a thresholded ReLU, for which tfjs has no gradient", async () => {
  const threshold = layers.thresholdedReLU({ inputShape: [6], theta: 0.3 });
  await expectSameOutput(sequential({ layers: [threshold] }));
});

test.each([
  { strides: 1, padding: "same", dilationRate: 1 },
  { strides: 2, padding: "same", dilationRate: 1 },
  { strides: [2, 1], padding: "valid", dilationRate: 1 },
  { strides: 1, padding: "same", dilationRate: [2, 1] },
  { strides: 1, padding: "valid", dilationRate: 2 },
] as const)("conv2d with %o", async (options) => {
  const convolution = { ...options, filters: 3, kernelSize: [3, 2] } as Parameters<
    typeof layers.conv2d
  >[0];
  const model = sequential({
    layers: [
      layers.conv2d({ ...convolution, inputShape: [7, 8, 2], useBias: false }),
      layers.conv2d({ ...convolution, kernelSize: 1, activation: "relu" }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  await expectSameOutput(model);
  // tfjs has no gradient for a dilated convolution.
  if (options.dilationRate === 1) await expectSameStep(model);
});

test("pooling of every kind", async () => {
  const input = tfl.input({ shape: [9, 9, 2] });
  const branches = [
    layers.maxPooling2d({ poolSize: 2 }).apply(input),
    layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }).apply(input),
    layers.averagePooling2d({ poolSize: [2, 3], padding: "same" }).apply(input),
    layers.averagePooling2d({ poolSize: 3, strides: 2 }).apply(input),
  ].map((branch) => layers.flatten().apply(branch));
  const ends = [
    layers.globalAveragePooling2d({}).apply(input),
    layers.globalMaxPooling2d({}).apply(input),
  ];
  const joined = layers.concatenate().apply([...branches, ...ends] as tfl.SymbolicTensor[]);
  const output = layers.dense({ units: 3 }).apply(joined) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("reshape, permute, repeat, pad and crop", async () => {
  const model = sequential({
    layers: [
      layers.zeroPadding2d({
        inputShape: [4, 4, 3],
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      layers.cropping2D({
        cropping: [
          [1, 1],
          [2, 0],
        ],
      }),
      layers.permute({ dims: [3, 1, 2] }),
      layers.reshape({ targetShape: [-1, 5] }),
      layers.reshape({ targetShape: [15, 5] }),
      layers.dense({ units: 4, activation: "tanh" }),
      layers.flatten(),
      layers.repeatVector({ n: 3 }),
      layers.dense({ units: 2 }),
      layers.flatten(),
    ],
  });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("one-dimensional convolution and pooling", async () => {
  const model = sequential({
    layers: [
      layers.conv1d({
        inputShape: [10, 3],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
      }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.globalAveragePooling1d(),
      layers.dense({ units: 2 }),
    ],
  });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("two branches meet by adding, multiplying, averaging, maximum, minimum and concatenation", async () => {
  const input = tfl.input({ shape: [5] });
  const branch = () =>
    layers.dense({ units: 4, activation: "tanh" }).apply(input) as tfl.SymbolicTensor;
  const [a, b] = [branch(), branch()] as const;
  const merges = [
    layers.add(),
    layers.multiply(),
    layers.average(),
    layers.maximum(),
    layers.minimum(),
    layers.concatenate(),
  ].map((layer) => layer.apply([a, b]) as tfl.SymbolicTensor);
  const output = layers
    .dense({ units: 2 })
    .apply(layers.concatenate().apply(merges) as tfl.SymbolicTensor);
  const model = tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("a merge of unequal shapes broadcasts", async () => {
  const input = tfl.input({ shape: [3, 4] });
  const row = layers.globalAveragePooling1d().apply(input) as tfl.SymbolicTensor;
  const spread = layers.reshape({ targetShape: [1, 4] }).apply(row) as tfl.SymbolicTensor;
  const output = layers
    .multiply()
    .apply([input, layers.dense({ units: 4 }).apply(spread) as tfl.SymbolicTensor]);
  const model = tfl.model({
    inputs: input,
    outputs: layers.flatten().apply(output) as tfl.SymbolicTensor,
  });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test.each([
  { scale: true, center: true },
  { scale: true, center: false },
  { scale: false, center: true },
  { scale: false, center: false },
])("batch normalisation infers with %o", async (options) => {
  const shared = {
    ...options,
    movingMeanInitializer: "randomNormal",
    movingVarianceInitializer: "randomUniform",
  } as const;
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [4, 5, 2], filters: 3, kernelSize: 2 }),
      layers.batchNormalization({ ...shared, epsilon: 0.1 }),
      layers.flatten(),
      layers.batchNormalization({ ...shared, epsilon: 0.1 }),
    ],
  });
  await expectSameOutput(model);
});

test("batch normalisation trains as in tfjs, moving statistics included", async () => {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [4, 5, 2], filters: 3, kernelSize: 2 }),
      layers.batchNormalization({ momentum: 0.7 }),
      layers.flatten(),
      layers.dense({ units: 4 }),
      layers.batchNormalization({ epsilon: 0.01, trainable: false }),
      layers.dense({ units: 2 }),
    ],
  });
  await expectSameStep(model);
});

// tfjs's cpu kernel does not broadcast statistics along other axes than the last: permuting avoids that.
test("batch normalisation over another axis than the last", async () => {
  const normalised = (before: tfl.layers.Layer[], axis: number, after: tfl.layers.Layer[]) =>
    sequential({
      layers: [
        layers.activation({ inputShape: [4, 5, 2], activation: "linear" }),
        ...before,
        layers.batchNormalization({ axis, momentum: 0.7 }),
        ...after,
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    });
  const model = normalised([], 1, []);
  const oracle = normalised([layers.permute({ dims: [2, 3, 1] })], -1, [
    layers.permute({ dims: [3, 1, 2] }),
  ]);
  oracle.setWeights(model.getWeights());
  await expectSameOutput(model, oracle);
  await expectSameStep(model, { oracle });
});

test("layer normalisation over one axis and over two", async () => {
  const model = sequential({
    layers: [
      layers.dense({ inputShape: [4, 6], units: 6 }),
      layers.layerNormalization({
        gammaInitializer: "randomNormal",
        betaInitializer: "randomNormal",
      }),
      layers.layerNormalization({ axis: [1, 2], gammaInitializer: "randomNormal" }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("layer normalisation without scale or center, which tfjs cannot train", async () => {
  const model = sequential({
    layers: [
      layers.layerNormalization({ inputShape: [4, 6], scale: false }),
      layers.layerNormalization({ axis: 1, center: false }),
    ],
  });
  await expectSameOutput(model);
});

test("shared layers, nested models and custom layers with sublayers", async () => {
  const block = sequential({
    name: "block",
    layers: [
      layers.dense({ inputShape: [6], units: 6, activation: "relu" }),
      layers.batchNormalization({ momentum: 0.5 }),
    ],
  });
  const shared = layers.dense({ units: 6, activation: "tanh" });
  const input = tfl.input({ shape: [6] });
  const once = shared.apply(block.apply(input)) as tfl.SymbolicTensor;
  const twice = shared.apply(once) as tfl.SymbolicTensor;
  const custom = new Scaled({ units: 3 }).apply(
    layers.add().apply([once, twice]),
  ) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: custom });
  await expectSameOutput(model);
  await expectSameStep(model);
});

test("frozen layers stay, and L1 and L2 pull at the rest", async () => {
  const model = sequential({
    layers: [
      layers.dense({ inputShape: [5], units: 4, activation: "relu", trainable: false }),
      layers.dense({
        units: 4,
        kernelRegularizer: tfl.regularizers.l1l2({ l1: 0.1, l2: 0.2 }),
        // tfjs's gradient of |0| is -1, not 0.
        biasInitializer: "randomNormal",
        biasRegularizer: tfl.regularizers.l1({ l1: 0.3 }),
      }),
      layers.dense({ units: 2, kernelRegularizer: tfl.regularizers.l2({ l2: 0.05 }) }),
    ],
  });
  await expectSameStep(model);
});

const LOSSES: Readonly<Record<string, (y: tfc.Tensor, p: tfc.Tensor) => tfc.Tensor>> = {
  "huber, a scalar": (y, p) => tfc.losses.huberLoss(y, p),
  "mean of squares by hand": (y, p) => tfc.mean(tfc.square(tfc.sub(p, y))),
  "one number per example": (y, p) => tfc.sum(tfc.log(tfc.add(tfc.abs(tfc.sub(p, y)), 0.1)), -1),
  "a matrix": (y, p) => tfc.add(tfc.pow(tfc.sub(p, y), 4), tfc.logSumExp(p, 1, true)),
  "sigmoid cross-entropy": (y, p) => tfc.losses.sigmoidCrossEntropy(tfc.greater(y, 0), p),
  "softmax cross-entropy": (y, p) => tfc.losses.softmaxCrossEntropy(tfc.softmax(y), p),
  "log softmax": (y, p) => tfc.neg(tfc.mul(tfc.logSoftmax(p), y)),
};

test.each(Object.keys(LOSSES))("a custom loss: %s", async (name) => {
  const loss = LOSSES[name] as (y: tfc.Tensor, p: tfc.Tensor) => tfc.Tensor;
  const model = sequential({ layers: [layers.dense({ inputShape: [5], units: 3 })] });
  await expectSameStep(model, { loss });
});

/** Functions of [B, 4, 6] that give the same shape. */
const BODIES: Readonly<Record<string, (x: tfc.Tensor3D) => tfc.Tensor>> = {
  "self-attention": (x) => tfc.matMul(tfc.softmax(tfc.matMul(x, x, false, true)), x),
  "attention with heads": (x) => {
    const heads = tfc.transpose(tfc.reshape(x, [-1, 4, 2, 3]), [0, 2, 1, 3]);
    const mixed = tfc.matMul(tfc.softmax(tfc.matMul(heads, heads, false, true)), heads);
    return tfc.reshape(tfc.transpose(mixed, [0, 2, 1, 3]), [-1, 4, 6]);
  },
  "split, stack and unstack": (x) => {
    const [a, b] = tfc.split(x, 2, 2) as [tfc.Tensor, tfc.Tensor];
    const rows = tfc.unstack(tfc.concat([b, a], 2), 1);
    return tfc.stack([...rows].reverse(), 1);
  },
  "slice and pad": (x) =>
    tfc.pad(
      tfc.slice(x, [0, 1, 2], [-1, 2, 3]),
      [
        [0, 0],
        [1, 1],
        [0, 3],
      ],
      0.5,
    ),
  "where, with a choice between tensors": (x) =>
    tfc.where(
      tfc.logicalAnd(tfc.greater(x, 0), tfc.logicalNot(tfc.less(x, 0.5))),
      x,
      tfc.zerosLike(x),
    ),
  "reductions over axes that do not touch": (x) =>
    tfc.mul(x, tfc.add(tfc.sum(x, [0, 2], true), tfc.max(x, [0, 2], true))),
  "the mean over the batch": (x) => tfc.sub(x, tfc.mean(x, 0)),
  "moments and standardisation": (x) => {
    const { mean, variance } = tfc.moments(x, [1, 2], true);
    return tfc.div(tfc.sub(x, mean), tfc.sqrt(tfc.add(variance, 0.1)));
  },
  "powers and logarithms": (x) =>
    tfc.add(tfc.pow(x, 3), tfc.log1p(tfc.pow(tfc.abs(tfc.add(x, 0.1)), tfc.scalar(1.7)))),
  "the batch size as a number": (x) => tfc.div(x, x.shape[0]),
  "numbers of class indices": (x) => {
    const best = tfc.argMax(x, -1);
    return tfc.mul(x, tfc.oneHot(best as tfc.Tensor1D, 6));
  },
  "tile and repeat": (x) => tfc.mul(tfc.tile(tfc.slice(x, [0, 0, 0], [-1, 2, 6]), [1, 2, 1]), x),
  "a gradient": (x) => tfc.grad((y) => tfc.sum(tfc.mul(tfc.sigmoid(y), tfc.square(y))))(x),
};

test.each(Object.keys(BODIES))("a custom layer of plain operations: %s", async (name) => {
  const body = BODIES[name] as (x: tfc.Tensor) => tfc.Tensor;
  const model = sequential({
    layers: [
      layers.dense({ inputShape: [4, 6], units: 6 }),
      new Calls(body),
      layers.dense({ units: 6 }),
    ],
  });
  await expectSameOutput(model);
  // tfjs differentiates neither the choice in an argMax nor a gradient's own kernels.
  if (!/class indices|where|gradient/.test(name)) await expectSameStep(model);
});
