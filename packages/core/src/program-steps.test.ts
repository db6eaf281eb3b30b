/** Programs over many steps, over data sets, and of layers that draw or keep something. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "./backend.js";
import { sgd } from "./graph/optimizer.js";
import { program } from "./program.js";
import type { Dataset } from "./run/dataset.js";

let device: Device;
beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

const rows = (count: number, width: number, seed = 1) =>
  Float32Array.from({ length: count * width }, (_, at) => Math.sin(seed + 1.7 * at));
const start = () => tf.variable(tf.tensor2d([0.5, -0.3, 0.2], [3, 1]));

function regression() {
  const weights = start();
  const loss = ({ x }: { x: tf.Tensor2D }) =>
    tf.mean(tf.square(tf.sub(tf.matMul(x, weights as never), 1))) as tf.Tensor;
  return { weights, loss };
}

test("each step's loss is told, wherever in a window of rates the steps begin", async () => {
  const { weights, loss } = regression();
  const one = await program({
    device,
    inputs: { x: [3] },
    functions: { fit: { minimize: loss, variables: weights, optimizer: sgd(0.001) } },
  });
  const x = rows(4, 3);
  const all: number[] = [];
  for (const steps of [100, 600, 1, 513]) {
    const { losses } = await one.run("fit", { x }, { steps });
    expect(losses).toHaveLength(steps);
    all.push(...losses);
  }
  expect(all.every((value, at) => at === 0 || value < (all[at - 1] as number))).toBe(true);
  expect((await one.run("fit", { x }, { steps: 2500 })).losses).toHaveLength(1024);
  one.close();
});

test("gradients of a data set's rows are those of its last batch", async () => {
  const { weights, loss } = regression();
  const one = await program({
    device,
    inputs: { x: [3] },
    functions: { slope: { gradients: loss, variables: weights } },
  });
  const x = rows(10, 3);
  const plain = { scale: 1, offset: 0 };
  const dataset: Dataset = {
    name: "rows",
    rows: 10,
    columns: {
      x: { ...plain, data: x, shape: [3] },
      y: { ...plain, data: new Float32Array(10), shape: [] },
    },
  };
  const { losses, gradients } = await one.run("slope", dataset, { batchSize: 4, shuffle: false });
  expect(losses).toHaveLength(3);
  const alone = await one.run("slope", { x: x.subarray(24) });
  expect(losses[2]).toBeCloseTo(alone.loss, 6);
  for (const [name, { data }] of Object.entries(alone.gradients)) {
    expect(gradients[name]?.data).toEqual(data);
  }
  one.close();
});

const normalised = () =>
  tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 3,
        inputShape: [3],
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
      }),
      tfl.layers.batchNormalization({ momentum: 0.5 }),
      tfl.layers.dense({
        units: 1,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });

test("BatchNormalization in a program moves its statistics as tfjs does", async () => {
  const [model, stock] = [normalised(), normalised()];
  const one = await program({
    device,
    inputs: { x: [3] },
    functions: {
      fit: {
        minimize: ({ x }: { x: tf.Tensor }) =>
          tf.mean(tf.square(tf.sub(model.apply(x, { training: true }) as tf.Tensor, 1))),
        variables: model,
        optimizer: sgd(0.1),
      },
      judge: { compute: ({ x }: { x: tf.Tensor }) => model.apply(x) as tf.Tensor },
    },
  });
  const x = rows(8, 3);
  await one.run("fit", { x }, { steps: 3 });
  const { data } = await one.run("judge", { x });
  await one.writeBack();
  one.close();

  stock.compile({ loss: "meanSquaredError", optimizer: tf.train.sgd(0.1) });
  const tensor = tf.tensor2d(x, [8, 3]);
  for (let step = 0; step < 3; step++) await stock.trainOnBatch(tensor, tf.ones([8, 1]));
  const wanted = (stock.predict(tensor) as tf.Tensor).dataSync();
  for (const [row, value] of wanted.entries()) expect(data[row]).toBeCloseTo(value, 5);
  for (const [index, weight] of stock.weights.entries()) {
    const values = model.weights[index]?.read().dataSync() as Float32Array;
    for (const [at, value] of weight.read().dataSync().entries()) {
      expect(values[at], weight.name).toBeCloseTo(value, 5);
    }
  }
});

test("a layer whose model a program does not know says what to give", async () => {
  const model = normalised();
  const made = (variables: unknown) =>
    program({
      device,
      inputs: { x: [3] },
      functions: {
        fit: {
          minimize: ({ x }: { x: tf.Tensor }) =>
            tf.mean(model.apply(x, { training: true }) as tf.Tensor),
          variables,
          optimizer: "sgd",
        },
      },
    });
  await expect(made(model.trainableWeights)).rejects.toThrow(
    /give its model, rather than its weights, as `variables`/,
  );
  await expect(made([model, model.weights])).rejects.toThrow(/moving_mean" is moved by its layer/);
});

test("assign gives a frozen twin every weight, moving statistics too", async () => {
  const [online, target] = [normalised(), normalised()];
  for (const layer of target.layers) layer.trainable = false;
  const one = await program({
    device,
    inputs: { x: [3] },
    functions: {
      fit: {
        minimize: ({ x }: { x: tf.Tensor }) =>
          tf.mean(tf.square(tf.sub(online.apply(x, { training: true }) as tf.Tensor, 1))),
        variables: online,
        optimizer: sgd(0.1),
      },
      value: { compute: ({ x }: { x: tf.Tensor }) => online.apply(x) as tf.Tensor },
      wanted: { compute: ({ x }: { x: tf.Tensor }) => target.apply(x) as tf.Tensor },
    },
  });
  const x = rows(8, 3);
  await one.run("fit", { x }, { steps: 3 });
  const before = await one.run("wanted", { x });
  await one.assign(target, online);
  const { data } = await one.run("wanted", { x });
  expect(data).not.toEqual(before.data);
  expect(data).toEqual((await one.run("value", { x })).data);
  one.close();
});

test("a function of frozen layers alone is refused", async () => {
  const model = normalised();
  for (const layer of model.layers) layer.trainable = false;
  const made = program({
    device,
    inputs: { x: [3] },
    functions: {
      fit: {
        minimize: ({ x }: { x: tf.Tensor }) => tf.mean(model.apply(x) as tf.Tensor),
        variables: model,
        optimizer: "sgd",
      },
    },
  });
  await expect(made).rejects.toThrow(/nothing it is given has a variable that trains/);
});
