/** Layers that draw: what tfjs says of their results' mean and variance holds, and a prediction draws nothing. */
import "@tensorflow/tfjs-backend-cpu";
import { compile, type Device, sgd } from "@hone/core";
import { RandomStream } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type SymbolicTensor, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

const [ROWS, STEPS, CHANNELS] = [4, 40, 200];
const SHAPE = [STEPS, CHANNELS];

type Layer = { apply(x: SymbolicTensor): unknown };
interface Noise {
  readonly layer: () => Layer;
  /** Of inputs that are all 1, or of a standard normal distribution. */
  readonly inputs: "ones" | "normal";
  readonly mean: number;
  readonly variance: number;
  /** The same draw for all time steps. */
  readonly isSpread?: boolean;
}

const noises: Readonly<Record<string, Noise>> = {
  gaussianNoise: {
    layer: () => layers.gaussianNoise({ stddev: 0.5 }),
    inputs: "ones",
    mean: 1,
    variance: 0.25,
  },
  gaussianDropout: {
    layer: () => layers.gaussianDropout({ rate: 0.2 }),
    inputs: "ones",
    mean: 1,
    variance: 0.25,
  },
  alphaDropout: {
    layer: () => layers.alphaDropout({ rate: 0.2 }),
    inputs: "normal",
    mean: 0,
    variance: 1,
  },
  dropout: { layer: () => layers.dropout({ rate: 0.5 }), inputs: "ones", mean: 1, variance: 1 },
  "dropout with a noiseShape": {
    layer: () => layers.dropout({ rate: 0.5, noiseShape: [null, 1, null] as never }),
    inputs: "ones",
    mean: 1,
    variance: 1,
    isSpread: true,
  },
  spatialDropout1d: {
    layer: () => layers.spatialDropout1d({ rate: 0.2 }),
    inputs: "ones",
    mean: 1,
    variance: 0.25,
    isSpread: true,
  },
};

function inputsOf({ inputs }: Noise): Float32Array {
  const random = new RandomStream(3, 4);
  const length = ROWS * STEPS * CHANNELS;
  return Float32Array.from({ length }, () => (inputs === "ones" ? 1 : random.nextNormal()));
}

const variance = (_: tf.Tensor, y: tf.Tensor) => tf.moments(y).variance;
const mean = (_: tf.Tensor, y: tf.Tensor) => tf.mean(y);
/** How far a time step is from the one before it. */
const change = (_: tf.Tensor, y: tf.Tensor) => {
  const part = (from: number) => tf.slice(y, [0, from, 0], [-1, STEPS - 1, -1]);
  return tf.mean(tf.abs(tf.sub(part(1), part(0))));
};

test.each(Object.entries(noises))(
  "%s draws as tfjs says, and anew in each step",
  async (_name, noise) => {
    const data = inputsOf(noise);
    const x = { data, shape: [ROWS, ...SHAPE] };
    for (const device of devices) {
      const model = sequential();
      // Something must train.
      model.add(
        layers.dense({
          inputShape: SHAPE,
          units: CHANNELS,
          kernelInitializer: "identity",
          name: "same",
        }),
      );
      model.add(noise.layer() as never);
      const session = await compile(model, {
        device,
        loss: mean as never,
        metrics: [mean, variance, change] as never,
        optimizer: sgd(1e-12),
        seed: 11,
      });
      const told = async () => (await session.trainOnBatch(x, x)).figures as Record<string, number>;
      const [first, second] = [await told(), await told()];
      expect(first.mean).toBeCloseTo(noise.mean, 1);
      expect(first.variance).toBeCloseTo(noise.variance, 1);
      expect(second.variance).not.toBe(first.variance);
      if (noise.isSpread) expect(first.change).toBe(0);
      else expect(first.change).toBeGreaterThan(0.1);
      expect((await session.predict(x)).data).toEqual(data);
      session.close();
    }
  },
);

test("a cell's dropout is drawn anew in each step, by the seed, and leaves nothing in the layer", async () => {
  const random = new RandomStream(5, 6);
  const data = Float32Array.from({ length: 8 * 6 * 3 }, () => random.nextNormal());
  const [x, y] = [
    { data, shape: [8, 6, 3] },
    { data: data.subarray(0, 16), shape: [8, 2] },
  ];
  const cell = layers.gru({
    inputShape: [6, 3],
    units: 2,
    dropout: 0.4,
    recurrentDropout: 0.3,
    recurrentInitializer: "glorotUniform",
  });
  const model = sequential({ layers: [cell as never] });
  const losses = async (device: Device, seed: number) => {
    const session = await compile(model, {
      device,
      loss: "meanSquaredError",
      optimizer: sgd(1e-12),
      seed,
    });
    const found = [
      (await session.trainOnBatch(x, y)).loss,
      (await session.trainOnBatch(x, y)).loss,
    ];
    session.close();
    return found;
  };
  const predict = () =>
    tf.tidy(() => (model.predict(tf.tensor(data, [8, 6, 3])) as tf.Tensor).dataSync());
  predict();
  // tfjs keeps the masks of a cell until its next call.
  const before = tf.memory().numTensors;
  for (const device of devices) {
    const [first, second] = await losses(device, 1);
    expect(second).not.toBe(first);
    expect(await losses(device, 1)).toEqual([first, second]);
    expect((await losses(device, 2))[0]).not.toBe(first);
  }
  predict();
  expect(tf.memory().numTensors).toBe(before);
});
