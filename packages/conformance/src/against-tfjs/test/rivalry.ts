/** A small model around one layer, with rows for it. */
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

export type Layer = Parameters<typeof Layers.timeDistributed>[0]["layer"];
export type Build = (x: SymbolicTensor) => SymbolicTensor;

function rows(shape: Shape, seed: number, draw: (random: RandomStream) => number): Values {
  const random = new RandomStream(seed, STREAM);
  return {
    shape,
    data: Float32Array.from({ length: ROWS * sizeOf(shape) }, () => draw(random)),
  };
}

const normal = (random: RandomStream) => random.nextNormal();
export const idsBelow = (count: number) => (random: RandomStream) =>
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

export const one =
  (layer: () => Layer): Build =>
  (x) =>
    layer().apply(x) as SymbolicTensor;
/** The initializer of tfjs's own is orthogonal, which takes long. */
export const glorot = {
  kernelInitializer: "glorotUniform",
  recurrentInitializer: "glorotUniform",
} as const;
