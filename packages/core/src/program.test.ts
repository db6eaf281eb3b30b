import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { isHoneError } from "./errors.js";
import { adam, sgd } from "./graph/optimizer.js";
import { program } from "./program.js";
import type { Dataset } from "./run/dataset.js";

const device = await cpu({ precision: 64 }).open();
const rows = (count: number, width: number, seed = 1) =>
  Float32Array.from({ length: count * width }, (_, at) => Math.sin(seed + 1.7 * at));

function linear() {
  const weights = tf.variable(tf.tensor2d([0.5, -0.25, 0.1, 0.2, 0.3, -0.4], [3, 2]));
  const bias = tf.variable(tf.tensor1d([0.1, -0.1]));
  const loss = ({ x, y }: { x: tf.Tensor2D; y: tf.Tensor2D }) =>
    tf.losses.meanSquaredError(y, tf.add(tf.matMul(x, weights as never), bias)) as tf.Tensor;
  return { weights, bias, loss };
}

const closeTo = (found: ArrayLike<number>, wanted: ArrayLike<number>, digits = 5) =>
  Array.from(wanted).forEach((value, at) => {
    expect(found[at]).toBeCloseTo(value, digits);
  });

test("a loss over variables is minimised as tfjs's optimizer does", async () => {
  const { weights, bias, loss } = linear();
  const one = await program({
    device,
    inputs: { x: [3], y: [2] },
    functions: { fit: { minimize: loss, variables: [weights, bias], optimizer: sgd(0.1) } },
  });
  const [x, y] = [rows(4, 3), rows(4, 2, 5)];
  const { loss: found, losses } = await one.run("fit", { x, y }, { steps: 7 });
  const stock = tf.train.sgd(0.1);
  const wanted = Array.from({ length: 7 }, () => {
    const feed = { x: tf.tensor2d(x, [4, 3]), y: tf.tensor2d(y, [4, 2]) };
    return stock.minimize(() => loss(feed) as tf.Scalar, true)?.dataSync()[0] as number;
  });
  closeTo(losses, wanted);
  expect(found).toBeCloseTo(losses[6] as number, 6);
  const [w, b] = await one.variables();
  closeTo(w?.values ?? [], weights.dataSync());
  closeTo(b?.values ?? [], bias.dataSync());
  one.close();
});

test("a run gives the losses of all its steps, wherever it begins", async () => {
  const { weights, bias, loss } = linear();
  const run = async (...counts: readonly number[]) => {
    const variables = [weights, bias];
    const one = await program({
      device,
      inputs: { x: [3], y: [2] },
      functions: { fit: { minimize: loss, variables, optimizer: sgd(0.01) } },
    });
    const given = { x: rows(4, 3), y: rows(4, 2, 5) };
    const found: number[] = [];
    for (const steps of counts) found.push(...(await one.run("fit", given, { steps })).losses);
    one.close();
    return found;
  };
  const inTwo = await run(100, 600);
  expect(inTwo).toHaveLength(700);
  expect(inTwo).toEqual(await run(700));
});

test("gradients are handed back by name, and move nothing", async () => {
  const { weights, bias, loss } = linear();
  const one = await program({
    device,
    inputs: { x: [3], y: [2] },
    functions: { slope: { gradients: loss, variables: [weights, bias] } },
  });
  const [x, y] = [rows(5, 3), rows(5, 2, 2)];
  const { gradients } = await one.run("slope", { x, y });
  const feed = { x: tf.tensor2d(x, [5, 3]), y: tf.tensor2d(y, [5, 2]) };
  const { grads } = tf.variableGrads(() => loss(feed) as tf.Scalar, [weights, bias] as never);
  for (const [name, gradient] of Object.entries(grads)) {
    closeTo(gradients[name]?.data ?? [], gradient.dataSync());
    expect(gradients[name]?.shape).toEqual(gradient.shape);
  }
  const [w] = await one.variables();
  closeTo(w?.values ?? [], weights.dataSync());
  one.close();
});

test("two functions move their own variables, each by its optimizer, and see each other's", async () => {
  const a = tf.variable(tf.scalar(1));
  const b = tf.variable(tf.scalar(2));
  const product = () => tf.mul(a, b);
  const one = await program({
    device,
    functions: {
      first: { minimize: () => tf.square(tf.sub(product(), 3)), variables: a, optimizer: sgd(0.1) },
      second: {
        minimize: () => tf.square(tf.add(product(), 3)),
        variables: [b],
        optimizer: adam(0.1),
      },
      both: { compute: () => ({ a: tf.add(a, 0), b: tf.add(b, 0) }) },
    },
  });
  // d/da (ab − 3)² = 2b(ab − 3) = −4
  const { loss } = await one.run("first");
  expect(loss).toBeCloseTo(1, 6);
  // Adam's first step is its rate, against the slope's sign
  expect((await one.run("second")).loss).toBeCloseTo((1.4 * 2 + 3) ** 2, 5);
  const { results } = await one.run("both");
  expect(results.a?.data[0]).toBeCloseTo(1.4, 6);
  expect(results.b?.data[0]).toBeCloseTo(1.9, 5);
  one.close();
});

test("variables take the values of others, of arrays, and the tf.Variables those of the device", async () => {
  const make = () =>
    layers.sequential({ layers: [layers.layers.dense({ units: 2, inputShape: [3] })] });
  const [online, target] = [make(), make()];
  const one = await program({
    device,
    inputs: { x: [3] },
    functions: {
      train: {
        minimize: ({ x }: { x: tf.Tensor }) => tf.square(online.apply(x) as tf.Tensor),
        variables: online,
        optimizer: sgd(0.05),
      },
      judge: { compute: ({ x }: { x: tf.Tensor }) => target.apply(x) as tf.Tensor },
      answer: { compute: ({ x }: { x: tf.Tensor }) => online.apply(x) as tf.Tensor },
    },
  });
  const x = rows(2, 3);
  await one.run("train", { x }, { steps: 3 });
  const [before, wanted] = [await one.run("judge", { x }), await one.run("answer", { x })];
  expect(before.data).not.toEqual(wanted.data);
  expect(before.shape).toEqual([2, 2]);
  await one.assign(target, online);
  expect((await one.run("judge", { x })).data).toEqual(wanted.data);
  await one.run("train", { x });
  expect((await one.run("judge", { x })).data).toEqual(wanted.data);
  await one.setVariables(target, [new Float32Array(6), Float32Array.of(1, 2)]);
  expect([...(await one.run("judge", { x })).data]).toEqual([1, 2, 1, 2]);
  await one.writeBack();
  const [kernel] = await one.variables();
  closeTo(online.getWeights()[0]?.dataSync() ?? [], kernel?.values ?? [], 6);
  one.close();
});

test("rows of a data set are taken in turn, pass after pass, the short last step included", async () => {
  const [x, y] = [rows(10, 3), rows(10, 2, 3)];
  const data: Dataset = {
    name: "small",
    rows: 10,
    columns: {
      x: { data: x, shape: [3], scale: 1, offset: 0 },
      y: { data: y, shape: [2], scale: 1, offset: 0 },
    },
  };
  const one = linear();
  const fit = { minimize: one.loss, variables: [one.weights, one.bias], optimizer: sgd(0.1) };
  const inputs = { x: [3], y: [2] } as const;
  const resident = await program({ device, inputs, functions: { fit } });
  const { losses } = await resident.run("fit", data, { steps: 6, batchSize: 4, shuffle: false });
  const fed = await program({ device, inputs, functions: { fit } });
  const wanted: number[] = [];
  for (let step = 0; step < 6; step++) {
    const [start, end] = [(step % 3) * 4, Math.min(10, (step % 3) * 4 + 4)];
    const { loss } = await fed.run("fit", {
      x: x.subarray(3 * start, 3 * end),
      y: y.subarray(2 * start, 2 * end),
    });
    wanted.push(loss);
  }
  closeTo(losses, wanted, 6);
  resident.close();
  fed.close();
});

test.each([
  [
    "a tensor caught from outside",
    () => {
      const caught = tf.scalar(2);
      const v = tf.variable(tf.scalar(1));
      return { f: { minimize: () => tf.mul(v, caught), variables: v, optimizer: sgd(0.1) } };
    },
    /function "f".*reads a tensor \[\] made outside/,
  ],
  [
    "an unknown option",
    () => ({ f: { minimise: () => tf.scalar(1) } }),
    /function "f": there is no option "minimise"/,
  ],
  [
    "a loss without an optimizer",
    () => ({ f: { minimize: () => tf.scalar(1), variables: tf.variable(tf.scalar(1)) } }),
    /function "f": there is no optimizer/,
  ],
  [
    "groups that overlap",
    () => {
      const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
      const minimize = () => tf.mul(a, b);
      return {
        f: { minimize, variables: [a, b], optimizer: sgd(0.1) },
        g: { minimize, variables: [a], optimizer: sgd(0.1) },
      };
    },
    /"f" and "g" both move/,
  ],
  [
    "a function that fails",
    () => ({
      f: {
        compute: () => {
          throw new Error("no such thing");
        },
      },
    }),
    /function "f": it fails when it is called: no such thing\./,
  ],
])("%s is refused by name", async (_what, functions, message) => {
  const made = program({ device, functions: functions() as never });
  await expect(made).rejects.toSatisfy((error: Error) => isHoneError(error));
  await expect(made).rejects.toThrow(message);
});

test("rows that a function does not read, or lacks, are refused", async () => {
  const { weights, bias, loss } = linear();
  const one = await program({
    device,
    inputs: { x: [3], y: [2] },
    functions: { fit: { minimize: loss, variables: [weights, bias], optimizer: sgd(0.1) } },
  });
  await expect(one.run("fit", { x: rows(1, 3) })).rejects.toThrow(/lacks "y"/);
  await expect(one.run("fit", { x: rows(2, 3), y: rows(1, 2) })).rejects.toThrow(/"y" has 1 rows/);
  await expect(one.run("fit", { x: rows(1, 3), z: rows(1, 2) })).rejects.toThrow(/names "z"/);
  one.close();
});
