/** The reference against the automatic differentiation of stock tfjs: every parameter of every model. */
import "@hone/core/models";
import type { Device, TypedArray } from "@hone/core/backend";
import { gradientBuffer, isTraced, type NamedLoss, sgd } from "@hone/core/internals";
import { createModel } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largest, largestDifference } from "./compare.js";
import { randomModel } from "./models/random-model.js";
import { pictures, randomRows } from "./models/rows.js";
import { MNIST_NAMES, traineeOf } from "./models/trainee.js";
import { type Trainee, Trainer, type TrainingColumn, type TrainingRows } from "./models/trainer.js";

const RANDOM_MODELS = process.env.HONE_SOAK === "1" ? 200 : 25;
/** tfjs computes in float32. */
const GRADIENT_LIMIT = 1e-4;
const LOSS_LIMIT = 1e-5;
/** As in teacher-forced comparisons: what rounding leaves where terms cancel is no gradient. */
const SMALLEST_SHARE = 1e-3;
/** In 64 bits a gradient that cancels, as before a normalisation, is this small; tfjs leaves more. */
const CANCELLED_SHARE = 1e-9;

let reference: Device;
beforeAll(async () => {
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

function lossOf({ terms }: Trainee): NamedLoss {
  const loss = terms[0]?.loss;
  if (loss === undefined || isTraced(loss)) throw new Error("the trainee has no named loss");
  return loss;
}

/** The loss as written in textbooks, on probabilities that are never near 0. */
function textbookLoss(trainee: Trainee, y: tf.Tensor, output: tf.Tensor): tf.Scalar {
  const log = (x: tf.Tensor) => tf.log(x);
  switch (lossOf(trainee).name) {
    case "sparseCategoricalCrossentropy": {
      const hot = tf.oneHot(tf.reshape(tf.cast(y, "int32"), [-1]), output.shape.at(-1) as number);
      return tf.neg(tf.mean(tf.sum(tf.mul(log(output), hot), -1)));
    }
    case "categoricalCrossentropy":
      return tf.neg(tf.mean(tf.sum(tf.mul(log(output), y), -1)));
    case "binaryCrossentropy": {
      const no = tf.mul(tf.sub(1, y), log(tf.sub(1, output)));
      return tf.neg(tf.mean(tf.add(tf.mul(y, log(output)), no)));
    }
    case "meanSquaredError":
      return tf.mean(tf.squaredDifference(output, y));
    case "meanAbsoluteError":
      return tf.mean(tf.abs(tf.sub(output, y)));
    default:
      throw new Error(`no textbook for ${lossOf(trainee).name}`);
  }
}

interface Autodiff {
  readonly loss: number;
  /** By the index of the weight. */
  readonly gradients: ReadonlyMap<number, TypedArray>;
}

function withTfjs(
  model: LayersModel,
  trainee: Trainee,
  data: TrainingRows,
  training: boolean,
): Autodiff {
  const { rows, inputs, labels } = data;
  const tensorOf = (column: TrainingColumn) =>
    tf.tidy(() =>
      tf.mul(tf.tensor(Float32Array.from(column.data), [rows, ...column.rowShape]), column.scale),
    );
  const [x, y] = [tensorOf(inputs[0] as TrainingColumn), tensorOf(labels[0] as TrainingColumn)];
  const shape = [rows, ...((model.inputs[0]?.shape ?? []).slice(1) as number[])];
  const { value, grads } = tf.variableGrads(() => {
    const output = model.apply(tf.reshape(x, shape), { training }) as tf.Tensor;
    const penalties = training ? model.calculateLosses() : [];
    return penalties.reduce<tf.Scalar>(
      (sum, penalty) => tf.add(sum, penalty),
      textbookLoss(trainee, y, output),
    );
  });
  const gradients = new Map<number, TypedArray>();
  for (const [index, weight] of model.weights.entries()) {
    const gradient = grads[(weight.read() as tf.Variable).name];
    if (gradient) gradients.set(index, gradient.dataSync());
  }
  const loss = value.dataSync()[0] as number;
  tf.dispose([x, y, value, grads]);
  return { loss, gradients };
}

async function withReference(trainee: Trainee, data: TrainingRows): Promise<Autodiff> {
  const trainer = await Trainer.open(reference, trainee, data, { batch: data.rows, steps: 1 });
  trainer.run(data.rows, 0, 1);
  const [loss] = (await trainer.losses(0, 1)) as [number];
  const { parameters } = trainer;
  const values = await trainer.executable.read(parameters.map((name) => gradientBuffer(name)));
  trainer.dispose();
  const indexOf = (name: string) => trainee.weights.findIndex((weight) => weight.name === name);
  const gradients = new Map(
    parameters.map((name, at) => [indexOf(name), values[at] as TypedArray]),
  );
  return { loss, gradients };
}

async function expectSameGradients(
  model: LayersModel,
  trainee: Trainee,
  data: TrainingRows,
  training: boolean,
): Promise<void> {
  const found = await withReference(trainee, data);
  const wanted = withTfjs(model, trainee, data, training);
  expect(Math.abs(found.loss - wanted.loss) / Math.abs(wanted.loss)).toBeLessThan(LOSS_LIMIT);
  expect([...found.gradients.keys()]).toEqual([...wanted.gradients.keys()]);
  const most = Math.max(...[...wanted.gradients.values()].map(largest));
  const faults = [...wanted.gradients].flatMap(([index, gradient]) => {
    const exact = found.gradients.get(index) as TypedArray;
    const cancelled = largest(exact) < CANCELLED_SHARE * most;
    const size = cancelled ? most : Math.max(largest(gradient), SMALLEST_SHARE * most);
    const error = largestDifference(exact, gradient) / size;
    return error <= GRADIENT_LIMIT ? [] : [`${trainee.weights[index]?.label}: ${error}`];
  });
  expect(faults).toEqual([]);
}

test.each(MNIST_NAMES)("every gradient of the %s is that of tfjs", async (name) => {
  const model = createModel(name, { seed: 3 });
  const trainee = traineeOf(model, {
    name,
    loss: "sparseCategoricalCrossentropy",
    optimizer: sgd(0.1),
    inference: true,
  });
  // Stock tfjs takes ten seconds for one picture in the tuned cnn.
  await expectSameGradients(model, trainee, pictures(name.startsWith("cnn") ? 1 : 4), false);
  model.dispose();
});

test.each(Array.from({ length: RANDOM_MODELS }, (_, seed) => seed))(
  "every gradient of random model %i is that of tfjs",
  async (seed) => {
    const { model, loss, input, output } = randomModel(seed, { forTfjs: true });
    const trainee = traineeOf(model, { name: `random ${seed}`, loss, optimizer: sgd(0.1) });
    await expectSameGradients(model, trainee, randomRows(6, input, output, loss, seed), true);
    model.dispose();
  },
);
