import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { atBatch } from "../graph/template.js";
import { randomNormal, randomUniform, traceModel } from "./index.js";
import { loadParts } from "./on-demand.js";
import { Calls } from "./test/custom-layers.js";

await loadParts();

const { input, layers, sequential } = tfl;

let device: Device;

beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());
afterEach(() => tfc.disposeVariables());

/** z = mean + exp(log variance / 2) · noise, as in a variational autoencoder. */
class Sampling extends layers.Layer {
  static readonly className = "Sampling";

  override computeOutputShape(shapes: tfl.Shape[]): tfl.Shape {
    return shapes[0] as tfl.Shape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const [mean, logVariance] = inputs as [tfc.Tensor, tfc.Tensor];
    return tfc.tidy(() => {
      const noise = randomNormal(mean.shape);
      return tfc.add(mean, tfc.mul(tfc.exp(tfc.mul(0.5, logVariance)), noise));
    });
  }
}

function autoencoder(): tfl.LayersModel {
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const dense = (units: number, seed: number) =>
    layers.dense({ units, kernelInitializer: seeded(seed) });
  const x = input({ shape: [6] });
  const [mean, logVariance] = [1, 2].map((seed) => dense(2, seed).apply(x) as tfl.SymbolicTensor);
  const z = new Sampling({ name: "sampling" }).apply([
    mean,
    logVariance,
  ] as tfl.SymbolicTensor[]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs: dense(6, 3).apply(z) as tfl.SymbolicTensor });
}

/** A model whose output is what `body` makes of zeros [B, units]. */
const calling = (body: (x: tfc.Tensor) => tfc.Tensor, units = 4) =>
  sequential({
    layers: [
      layers.dense({ inputShape: [3], units, kernelInitializer: "zeros", useBias: false }),
      new Calls(body, "mine"),
    ],
  });

const ROWS = 11;

function waves() {
  const data = Float32Array.from({ length: ROWS * 6 }, (_, index) => Math.sin(index));
  const column = { data, shape: [6], scale: 1, offset: 0 };
  return { name: "waves", rows: ROWS, columns: { x: column, y: column } };
}

async function lossesOf(seed: number, learningRate: number): Promise<readonly number[]> {
  const optimizer = sgd(learningRate);
  const loss = "meanSquaredError";
  const session = await compile(autoencoder(), { device, seed, optimizer, loss });
  const { history } = await session.fit(waves(), { epochs: 8, batchSize: 4, shuffle: false });
  session.close();
  return history.loss as readonly number[];
}

test("a layer that samples trains, draws anew in every step, and the same for the same seed", async () => {
  // Where nothing learns, only the numbers drawn tell one epoch from another.
  const still = await lossesOf(3, 1e-30);
  expect(new Set(still).size).toBe(still.length);
  expect(await lossesOf(3, 1e-30)).toEqual(still);
  expect((await lossesOf(4, 1e-30))[0]).not.toBe(still[0]);
  const learned = await lossesOf(3, 0.1);
  expect(learned.at(-1)).toBeLessThan(0.8 * (still.at(-1) as number));
});

test("an evaluation draws in every batch, and the same in every evaluation", async () => {
  const noisy = calling((x) => tfc.add(x, randomNormal(x.shape)));
  const session = await compile(noisy, { device, loss: "meanSquaredError", seed: 5 });
  const rows = 6;
  const data = {
    name: "zeros",
    rows,
    columns: {
      x: { data: new Float32Array(rows * 3), shape: [3], scale: 1, offset: 0 },
      y: { data: new Float32Array(rows * 4), shape: [4], scale: 1, offset: 0 },
    },
  };
  const { outputs, loss } = await session.evaluate(data, { batchSize: 4 });
  expect(new Set(outputs).size).toBe(rows * 4);
  expect(loss).toBeGreaterThan(0.2);
  expect((await session.evaluate(data, { batchSize: 4 })).outputs).toEqual(outputs);
  session.close();
});

test("every prediction draws anew, in all of its batches, and the same for the same seed", async () => {
  const predictions = async () => {
    const noisy = calling((x) => tfc.add(x, randomUniform(x.shape, 2, 3)));
    const session = await compile(noisy, { device, loss: "meanSquaredError", seed: 5 });
    const some = await session.predict(new Float32Array(3));
    const many = await session.predict({ data: new Float32Array(900), shape: [300, 3] });
    const again = await session.predict(new Float32Array(3));
    session.close();
    return [some, many, again].flatMap(({ data }) => [...data]);
  };
  const numbers = await predictions();
  expect(numbers).toHaveLength(302 * 4);
  expect(numbers.every((value) => value >= 2 && value <= 3)).toBe(true);
  // 1208 draws of 24 bits have 0.04 pairs alike on average.
  expect(new Set(numbers).size).toBeGreaterThan(1200);
  expect(await predictions()).toEqual(numbers);
});

test("two draws in one function differ, and scale and offset are those asked for", async () => {
  const body = (x: tfc.Tensor) =>
    tfc.concat(
      [
        tfc.add(x, randomNormal(x.shape, 100, 0)),
        tfc.add(x, randomNormal(x.shape, -50, 2)),
        tfc.add(x, randomNormal(x.shape)),
        tfc.add(x, randomUniform(x.shape, -3, -1)),
        tfc.add(x, randomUniform(x.shape)),
        tfc.add(x, randomUniform([4])),
      ],
      1,
    );
  const session = await compile(calling(body), { device, loss: "meanSquaredError" });
  const rows = 200;
  const { data } = await session.predict({ data: new Float32Array(rows * 3), shape: [rows, 3] });
  session.close();
  const of = (draw: number) =>
    Array.from(
      { length: rows * 4 },
      (_, at) => data[Math.floor(at / 4) * 24 + draw * 4 + (at % 4)],
    ) as number[];
  const [exactly, shifted, normal, negative, unit, shared] = [0, 1, 2, 3, 4, 5].map(of);
  expect(new Set(exactly)).toEqual(new Set([100]));
  const mean = (values: readonly number[] = []) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = (values: readonly number[] = []) =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  // 800 numbers: five standard errors of a mean are 0.18 deviations, of a deviation 0.125 at most.
  for (const [values, center, deviation] of [
    [shifted, -50, 2],
    [normal, 0, 1],
    [negative, -2, Math.sqrt(1 / 3)],
    [unit, 0.5, Math.sqrt(1 / 12)],
  ] as const) {
    expect(Math.abs(mean(values) - center)).toBeLessThan(0.18 * deviation);
    expect(Math.abs(spread(values) / deviation - 1)).toBeLessThan(0.125);
  }
  const alike = normal?.filter(
    (value, at) => Math.abs(((shifted?.[at] ?? 0) + 50) / 2 - value) < 1e-3,
  );
  expect(alike?.length).toBeLessThan(10);
  expect(new Set(shared).size).toBe(4);
});

test("the shape grows with the batch, and each draw has an ordinal of its own", () => {
  const body = (x: tfc.Tensor) => {
    const even = randomUniform([2 * (x.shape[0] as number), 2]);
    return tfc.add(tfc.add(x, randomNormal(x.shape)), tfc.reshape(even, x.shape));
  };
  const { training, inference } = traceModel(calling(body));
  for (const template of [training, inference]) {
    const { graph } = atBatch(template, 64);
    const draws = graph.nodes.filter(({ op }) => op === "Random");
    expect(draws.map(({ attributes, label }) => ({ ...attributes, label }))).toEqual([
      { shape: [128, 2], distribution: "uniform", ordinal: 0, label: "mine" },
      { shape: [64, 4], distribution: "normal", ordinal: 1, label: "mine" },
    ]);
  }
});

test("a loss function may draw", async () => {
  const blurred = (y: tfc.Tensor, p: tfc.Tensor) =>
    tfc.mean(tfc.square(tfc.sub(tfc.add(y, randomNormal(y.shape)), p)), -1);
  const session = await compile(autoencoder(), { device, loss: blurred, optimizer: sgd(1e-30) });
  const { history } = await session.fit(waves(), { epochs: 3, batchSize: 11, shuffle: false });
  session.close();
  expect(new Set(history.loss).size).toBe(3);
});

test("outside of a trace, and after one, the tensors are tfjs's own", () => {
  traceModel(calling((x) => tfc.add(x, randomNormal(x.shape))));
  expect(() => traceModel(calling(() => randomNormal([0.5])))).toThrow();
  const normal = randomNormal([40, 50], 7, 0.01);
  const even = randomUniform([3, 2], 5, 6);
  expect([normal.shape, even.shape, normal.dtype]).toEqual([[40, 50], [3, 2], "float32"]);
  const values = normal.dataSync();
  expect(values.every((value) => Math.abs(value - 7) < 0.1)).toBe(true);
  expect(even.dataSync().every((value) => value >= 5 && value < 6)).toBe(true);
  expect(new Set(values).size).toBeGreaterThan(1000);
  tfc.dispose([normal, even]);
});

test.each([
  [
    "a fraction of an extent",
    () => randomNormal([2, 0.5]),
    /of shape \[2,0\.5\]\. Give whole numbers/,
  ],
  ["an extent of 0", () => randomUniform([0]), /of shape \[0\]\. Give whole numbers/],
  [
    "an infinite bound",
    () => randomUniform([2], 0, Number.POSITIVE_INFINITY),
    /not given by finite numbers/,
  ],
  [
    "a tensor for a deviation",
    () => randomNormal([2], 0, tfc.ones([2]) as never),
    /with tf\.mul and tf\.add/,
  ],
] as const)("%s is refused by the layer's name", (_what, draw, message) => {
  const model = calling((x) => tfc.add(x, tfc.sum(draw())));
  expect(() => traceModel(model)).toThrow(message);
  expect(() => traceModel(model)).toThrow(/^\[hone\] layer "mine": draws random numbers/);
});
