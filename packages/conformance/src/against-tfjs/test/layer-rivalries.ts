/** Small models around one layer each, with rows for them. */
import { RandomStream, type Shape, sizeOf } from "@hone/core/internals";
import * as tf from "@tensorflow/tfjs-core";
import {
  input,
  type layers as Layers,
  layers,
  model,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import type { Rivalry, Values } from "./harness.js";
import { drawWeights } from "./models.js";

const ROWS = 12;
const STREAM = 0x1a7e;

export interface LayerRivalry extends Rivalry {
  readonly steps?: number;
}

type Layer = Parameters<typeof Layers.timeDistributed>[0]["layer"];
type Build = (x: SymbolicTensor) => SymbolicTensor;

function rows(shape: Shape, seed: number, draw: (random: RandomStream) => number): Values {
  const random = new RandomStream(seed, STREAM);
  return {
    shape,
    data: Float32Array.from({ length: ROWS * sizeOf(shape) }, () => draw(random)),
  };
}

const normal = (random: RandomStream) => random.nextNormal();
const idsBelow = (count: number) => (random: RandomStream) =>
  Math.floor(random.nextFloat() * count);

interface Options {
  readonly values?: (random: RandomStream) => number;
  readonly steps?: number;
  /** A dense layer in front, so that the layer's gradient for its input counts too. */
  readonly front?: boolean;
}

/** x → (dense) → what is built → flat → 2 numbers. */
export function rivalry(
  shape: Shape,
  build: Build,
  { values = normal, steps = 20, front = true }: Options = {},
) {
  return (): LayerRivalry => {
    const x = input({ shape: [...shape], name: "x" });
    const last = shape.at(-1) as number;
    const before = front
      ? (layers.dense({ units: last, name: "front" }).apply(x) as SymbolicTensor)
      : x;
    const built = build(before);
    const flat = built.shape.length > 2 ? layers.flatten().apply(built) : built;
    const out = layers.dense({ units: 2, name: "out" }).apply(flat) as SymbolicTensor;
    const network = model({ inputs: x, outputs: out });
    drawWeights(network, 5, 0.1);
    return {
      model: network,
      rows: ROWS,
      x: { x: rows(shape, 7, values) },
      y: { out: rows([2], 9, normal) },
      tfjs: { optimizer: tf.train.sgd(0.02), loss: "meanSquaredError" },
      steps,
    };
  };
}

const one =
  (layer: () => Layer): Build =>
  (x) =>
    layer().apply(x) as SymbolicTensor;
const glorot = {
  kernelInitializer: "glorotUniform",
  recurrentInitializer: "glorotUniform",
} as const;
const sequence: Shape = [5, 3];
const picture: Shape = [6, 5, 3];
const volume: Shape = [4, 5, 6, 2];

export const layerRivalries: Readonly<Record<string, () => LayerRivalry>> = {
  elu: rivalry(
    [6],
    one(() => layers.elu({ alpha: 1 })),
  ),
  leakyReLU: rivalry(
    [6],
    one(() => layers.leakyReLU({ alpha: 0.2 })),
  ),
  prelu: rivalry(
    [6],
    one(() => layers.prelu({ alphaInitializer: "glorotUniform" } as never)),
  ),
  reLU: rivalry(
    [6],
    one(() => layers.reLU({ maxValue: 6 })),
  ),
  softmax: rivalry(
    [6],
    one(() => layers.softmax({})),
  ),
  // tfjs has no gradient for it, and so trains nothing in front.
  thresholdedReLU: rivalry(
    [6],
    one(() => layers.thresholdedReLU({ theta: 0.3 })),
    { front: false },
  ),
  activation: rivalry(
    [6],
    one(() => layers.activation({ activation: "swish" as never })),
  ),
  "activation gelu": rivalry(
    [6],
    one(() => layers.activation({ activation: "gelu" as never })),
  ),
  "activation mish": rivalry(
    [6],
    one(() => layers.activation({ activation: "mish" as never })),
  ),
  "activation hardSigmoid": rivalry(
    [6],
    one(() => layers.activation({ activation: "hardSigmoid" })),
  ),
  "activation softsign": rivalry(
    [6],
    one(() => layers.activation({ activation: "softsign" })),
  ),
  conv1d: rivalry(
    sequence,
    one(() => layers.conv1d({ filters: 4, kernelSize: 3, padding: "same" })),
  ),
  conv2d: rivalry(
    picture,
    one(() => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same" })),
  ),
  conv2dTranspose: rivalry(
    picture,
    one(() => layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: "same" })),
  ),
  "conv2dTranspose valid": rivalry(
    picture,
    one(() => layers.conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides: [1, 2] })),
  ),
  conv3d: rivalry(
    volume,
    one(() => layers.conv3d({ filters: 3, kernelSize: [2, 3, 2] })),
  ),
  "conv3d same": rivalry(
    volume,
    one(() => layers.conv3d({ filters: 3, kernelSize: 3, strides: 2, padding: "same" })),
  ),
  cropping2D: rivalry(
    picture,
    one(() =>
      layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 1],
        ],
      }),
    ),
  ),
  depthwiseConv2d: rivalry(
    picture,
    one(() => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })),
  ),
  separableConv2d: rivalry(
    picture,
    one(() => layers.separableConv2d({ filters: 4, kernelSize: 3, padding: "same" })),
  ),
  upSampling2d: rivalry(
    picture,
    one(() => layers.upSampling2d({ size: [2, 3] })),
    { front: false },
  ),
  dense: rivalry(
    [6],
    one(() => layers.dense({ units: 4, activation: "tanh" })),
  ),
  flatten: rivalry(
    picture,
    one(() => layers.flatten()),
  ),
  permute: rivalry(
    picture,
    one(() => layers.permute({ dims: [2, 3, 1] })),
  ),
  repeatVector: rivalry(
    [4],
    one(() => layers.repeatVector({ n: 3 })),
  ),
  reshape: rivalry(
    picture,
    one(() => layers.reshape({ targetShape: [15, 6] })),
  ),
  embedding: rivalry(
    [5],
    one(() => layers.embedding({ inputDim: 7, outputDim: 3 })),
    {
      values: idsBelow(7),
      front: false,
    },
  ),
  "embedding maskZero lstm": rivalry(
    [5],
    (x) => {
      const words = layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true }).apply(x);
      return layers.lstm({ units: 4, ...glorot }).apply(words) as SymbolicTensor;
    },
    { values: idsBelow(7), front: false },
  ),
  masking: rivalry(
    [5, 3],
    (x) => {
      const masked = layers.masking({ maskValue: 0 }).apply(x);
      return layers.gru({ units: 4, ...glorot }).apply(masked) as SymbolicTensor;
    },
    { front: false, values: (random) => (random.nextFloat() < 0.7 ? 0 : random.nextNormal()) },
  ),
  dot: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x);
    return layers.dot({ axes: -1 }).apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  multiply: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x);
    return layers.multiply().apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  average: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x);
    return layers.average().apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  maximum: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x);
    return layers.maximum().apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  minimum: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x);
    return layers.minimum().apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  concatenate: rivalry([4], (x) => {
    const other = layers.dense({ units: 3 }).apply(x);
    return layers.concatenate().apply([x, other as SymbolicTensor]) as SymbolicTensor;
  }),
  batchNormalization: rivalry(
    picture,
    one(() => layers.batchNormalization({})),
    { steps: 5 },
  ),
  layerNormalization: rivalry(
    [4, 6],
    one(() => layers.layerNormalization({})),
  ),
  zeroPadding2d: rivalry(
    picture,
    one(() =>
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 1],
        ],
      }),
    ),
  ),
  averagePooling1d: rivalry(
    sequence,
    one(() => layers.averagePooling1d({ poolSize: 2 })),
  ),
  maxPooling1d: rivalry(
    sequence,
    one(() => layers.maxPooling1d({ poolSize: 2 })),
  ),
  averagePooling2d: rivalry(
    picture,
    one(() => layers.averagePooling2d({ poolSize: 2 })),
  ),
  maxPooling2d: rivalry(
    picture,
    one(() => layers.maxPooling2d({ poolSize: 2 })),
  ),
  averagePooling3d: rivalry(
    volume,
    one(() => layers.averagePooling3d({ poolSize: [2, 2, 3], strides: 2 } as never)),
  ),
  // As high as wide: tfjs loses its place in others (slopes.test.ts).
  maxPooling3d: rivalry(
    volume,
    one(() => layers.maxPooling3d({ poolSize: [2, 3, 3], strides: 2 } as never)),
  ),
  globalAveragePooling1d: rivalry(
    sequence,
    one(() => layers.globalAveragePooling1d({})),
  ),
  globalMaxPooling1d: rivalry(
    sequence,
    one(() => layers.globalMaxPooling1d({})),
  ),
  globalAveragePooling2d: rivalry(
    picture,
    one(() => layers.globalAveragePooling2d({})),
  ),
  globalMaxPooling2d: rivalry(
    picture,
    one(() => layers.globalMaxPooling2d({})),
  ),
  simpleRNN: rivalry(
    sequence,
    one(() => layers.simpleRNN({ units: 4, ...glorot }) as Layer),
  ),
  lstm: rivalry(
    sequence,
    one(() => layers.lstm({ units: 4, ...glorot }) as Layer),
  ),
  "lstm returnSequences goBackwards": rivalry(
    sequence,
    one(
      () => layers.lstm({ units: 4, returnSequences: true, goBackwards: true, ...glorot }) as Layer,
    ),
  ),
  gru: rivalry(
    sequence,
    one(() => layers.gru({ units: 4, ...glorot }) as Layer),
  ),
  "rnn of cells": rivalry(
    sequence,
    one(
      () =>
        layers.rnn({
          cell: [
            layers.lstmCell({ units: 4, ...glorot }),
            layers.gruCell({ units: 3, ...glorot }),
            layers.simpleRNNCell({ units: 2, ...glorot }),
          ] as never,
        }) as Layer,
    ),
  ),
  stackedRNNCells: rivalry(
    sequence,
    one(
      () =>
        layers.rnn({
          cell: layers.stackedRNNCells({
            cells: [
              layers.gruCell({ units: 3, ...glorot }),
              layers.lstmCell({ units: 4, ...glorot }),
            ] as never,
          }) as never,
          returnSequences: true,
        }) as Layer,
    ),
  ),
  "encoder and decoder": rivalry(sequence, (x) => {
    const [, h, c] = layers
      .lstm({ units: 4, returnState: true, ...glorot })
      .apply(x) as SymbolicTensor[];
    return layers
      .lstm({ units: 4, returnSequences: true, ...glorot })
      .apply(x, { initialState: [h, c] } as never) as SymbolicTensor;
  }),
  ...Object.fromEntries(
    (["concat", "sum", "mul", "ave"] as const).map((mergeMode) => [
      `bidirectional ${mergeMode}`,
      rivalry(
        sequence,
        one(
          () =>
            layers.bidirectional({
              layer: layers.gru({ units: 3, returnSequences: true, ...glorot }) as never,
              mergeMode,
            }) as Layer,
        ),
      ),
    ]),
  ),
  timeDistributed: rivalry(
    sequence,
    one(() => layers.timeDistributed({ layer: layers.dense({ units: 4 }) }) as Layer),
  ),
  convLstm2d: rivalry(
    [3, 5, 4, 2],
    one(
      () =>
        layers.convLstm2d({
          filters: 3,
          kernelSize: 3,
          padding: "same",
          ...glorot,
        } as never) as Layer,
    ),
    { steps: 5 },
  ),
  rescaling: rivalry(
    picture,
    one(() => layers.rescaling({ scale: 0.5, offset: 1 })),
  ),
  // They write over the shape of what they are given, which must not be the model's own input.
  centerCrop: rivalry(
    picture,
    (x) => {
      const before = layers.reshape({ targetShape: [6, 5, 3] }).apply(x) as SymbolicTensor;
      return layers.centerCrop({ height: 4, width: 3 }).apply(before) as SymbolicTensor;
    },
    { front: false },
  ),
  categoryEncoding: rivalry(
    [3],
    (x) => {
      const before = layers.reshape({ targetShape: [3] }).apply(x) as SymbolicTensor;
      const encoding = layers.categoryEncoding({ numTokens: 6, outputMode: "multiHot" });
      return encoding.apply(before) as SymbolicTensor;
    },
    { front: false, values: idsBelow(6) },
  ),
};
