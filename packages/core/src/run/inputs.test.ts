/** Rows as people hold them: whole numbers, bytes, nested arrays, shapes that a model leaves free. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { Calls } from "../trace/test/custom-layers.js";
import type { Dataset } from "./dataset.js";
import { plain, randomValues, tensorOf, worst } from "./test/two-ports.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());
afterEach(() => void vi.restoreAllMocks());

const { layers, sequential } = tfl;
const ROWS = 8;

test("whole numbers go into a whole-number input as they are, and train as in tfjs", async () => {
  const input = tfl.input({ shape: [3], dtype: "int32", name: "counts" });
  const asFloat = new Calls((x) => tfc.cast(x, "float32")).apply(input) as tfl.SymbolicTensor;
  const output = layers.dense({ units: 1 }).apply(asFloat) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output });
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: sgd(0.01) });
  const counts = Int32Array.from({ length: 3 * ROWS }, (_, at) => ((at * 7) % 11) - 4);
  const y = plain(randomValues(ROWS, 4), [1]);
  const oracle = tfc.tensor2d(counts, [ROWS, 3], "int32");
  const wanted = (model.predict(oracle) as tfc.Tensor).dataSync();
  for (const x of [
    counts,
    oracle,
    Array.from(counts, Number),
    { data: counts, shape: [ROWS, 3] },
  ]) {
    const given = Array.isArray(x)
      ? Array.from({ length: ROWS }, (_, row) => x.slice(3 * row, 3 * row + 3))
      : x;
    expect(worst((await session.predict(given)).data, wanted)).toBeLessThan(1e-5);
  }
  const weight = model.weights[0]?.read() as tfc.Tensor;
  const before = weight.dataSync().slice();
  for (const x of [plain(counts, [3]), plain(Float32Array.from(counts), [3])]) {
    const trained = await compile(model, {
      device,
      loss: "meanSquaredError",
      optimizer: sgd(0.01),
    });
    await trained.fit(
      { name: "counts", rows: ROWS, columns: { x, y } },
      { epochs: 1, batchSize: ROWS, shuffle: false },
    );
    // The gradient of the kernel by hand: 2/n · Σ x (prediction − y).
    const [kernel] = await trained.weights();
    const moved = Float64Array.from(before, (value, at) => {
      let gradient = 0;
      for (let row = 0; row < ROWS; row++) {
        const away = (wanted[row] as number) - (y.data[row] as number);
        gradient += (2 / ROWS) * away * (counts[3 * row + at] as number);
      }
      return value - 0.01 * gradient;
    });
    expect(worst(kernel?.values ?? [], moved)).toBeLessThan(1e-5);
    trained.close();
  }
  session.close();
});

/** A convolution that takes series of any length. */
const anyLength = () =>
  sequential({
    layers: [
      layers.conv1d({ inputShape: [null, 2], filters: 3, kernelSize: 3, padding: "same" }),
      layers.globalAveragePooling1d({}),
      layers.dense({ units: 1 }),
    ],
  });

const series = (length: number, seed: number): Dataset => ({
  name: `series of ${length}`,
  rows: ROWS,
  columns: {
    x: plain(randomValues(2 * length * ROWS, seed), [length, 2]),
    y: plain(randomValues(ROWS, seed + 1), [1]),
  },
});

test("a model of free extents trains and predicts rows of two sizes with the same weights", async () => {
  const model = anyLength();
  const session = await compile(model, { device, loss: "meanSquaredError", optimizer: sgd(0.1) });
  const oracle = async (data: Dataset) => {
    model.compile({ optimizer: tfc.train.sgd(0.1), loss: "meanSquaredError" });
    const [x, y] = [tensorOf(data, "x"), tensorOf(data, "y")];
    await model.fit(x, y, { epochs: 1, batchSize: 4, shuffle: false });
  };
  for (const data of [series(5, 1), series(9, 3), series(5, 5)]) {
    await session.fit(data, { epochs: 1, batchSize: 4, shuffle: false });
    await oracle(data);
  }
  await session.trainOnBatch(tensorOf(series(6, 7), "x"), tensorOf(series(6, 7), "y"));
  model.compile({ optimizer: tfc.train.sgd(0.1), loss: "meanSquaredError" });
  await model.trainOnBatch(tensorOf(series(6, 7), "x"), tensorOf(series(6, 7), "y"));
  for (const length of [5, 9, 4]) {
    const x = tensorOf(series(length, 20), "x");
    const { data, shape } = await session.predict(x);
    expect(shape).toEqual([ROWS, 1]);
    expect(worst(data, (model.predict(x) as tfc.Tensor).dataSync())).toBeLessThan(1e-5);
  }
  session.close();
});

test("a model of free extents is validated on rows of another size than it trains on", async () => {
  const session = await compile(anyLength(), { device, loss: "meanSquaredError" });
  const [data, validation] = [series(5, 1), series(9, 3)];
  const { history } = await session.fit(data, { epochs: 1, validation });
  expect(history.val_loss?.[0]).toBeCloseTo((await session.evaluate(validation)).loss, 6);
  session.close();
});

test("a model of free extents asks for data before anything that needs its shape", async () => {
  const session = await compile(anyLength(), { device, loss: "meanSquaredError" });
  await expect(session.weights()).rejects.toThrow(
    /its input ".*" is \[batch, free, 2\], so that only data can say its shape\. Give `compile` the `inputShape`/,
  );
  await expect(session.predict(new Float32Array(10))).rejects.toThrow(
    /got 10 values, the model's input ".*" takes \[rows,free,2\]/,
  );
  await expect(session.predict(tfc.zeros([2, 5, 3]))).rejects.toMatchObject({
    kind: "ShapeMismatch",
  });
  session.close();
  const told = await compile(anyLength(), { device, loss: "mse", inputShape: [7, 2] });
  expect(await told.weights()).toHaveLength(4);
  told.close();
});

const dense = () => sequential({ layers: [layers.dense({ inputShape: [4], units: 2 })] });
const bytes = Uint8Array.from({ length: 4 * ROWS }, (_, at) => (at * 37) % 256);
const pictures: Dataset = {
  name: "pictures",
  rows: ROWS,
  columns: {
    x: { data: bytes, shape: [4], scale: 1 / 255, offset: -0.5 },
    y: plain(randomValues(2 * ROWS, 6), [2]),
  },
};

test("bytes are scaled as the data set was, also after data of floats; floats never are", async () => {
  const model = dense();
  const session = await compile(model, { device, loss: "mse", optimizer: sgd(1e-30) });
  const scaled = Float32Array.from(bytes, (value) => value / 255 - 0.5);
  const outputOf = (x: Float32Array) =>
    (model.predict(tfc.tensor2d(x, [ROWS, 4])) as tfc.Tensor).dataSync();
  const raw = Float32Array.from(bytes);
  expect(worst((await session.predict(bytes)).data, outputOf(raw))).toBeLessThan(1e-3);
  await session.fit(pictures, { epochs: 1 });
  for (const x of [bytes, new Uint8ClampedArray(bytes), { data: bytes, shape: [ROWS, 4] }]) {
    expect(worst((await session.predict(x)).data, outputOf(scaled))).toBeLessThan(1e-5);
  }
  expect(worst((await session.predict(scaled)).data, outputOf(scaled))).toBeLessThan(1e-5);
  expect(worst((await session.predict(Int32Array.from(bytes))).data, outputOf(raw))).toBeLessThan(
    1e-3,
  );
  await session.evaluate({
    ...pictures,
    columns: { ...pictures.columns, x: plain(scaled, [4]) },
  });
  expect(worst((await session.predict(bytes)).data, outputOf(scaled))).toBeLessThan(1e-5);
  session.close();
});

test("a stream of bytes is scaled the same from its first batch to its last", async () => {
  const model = dense();
  const options = { device, loss: "mse", optimizer: sgd(0.1) };
  const [streamed, held] = [await compile(model, options), await compile(model, options)];
  const still = { epochs: 1, batchSize: 4, shuffle: false } as const;
  for (const session of [streamed, held]) await session.fit(pictures, still);
  await held.fit(pictures, still);
  const y = pictures.columns.y?.data as Float32Array;
  // Batches of two sizes, so that there are several shards.
  const cuts = [0, 4, 6, 8];
  async function* batches() {
    for (const [at, start] of cuts.slice(0, -1).entries()) {
      const end = cuts[at + 1] as number;
      yield { x: bytes.slice(4 * start, 4 * end), y: y.slice(2 * start, 2 * end) };
    }
  }
  const { history } = await streamed.fit(batches, { epochs: 1, learningRate: 0 });
  const { loss } = await streamed.evaluate(pictures);
  expect(history.loss?.[0]).toBeCloseTo(loss, 6);
  for (const session of [streamed, held]) session.close();
});

test("rows far outside of what was trained on are warned of, once", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const session = await compile(dense(), { device, loss: "mse" });
  await session.fit(pictures, { epochs: 1 });
  expect(session.warnings).toEqual([]);
  for (let round = 0; round < 2; round++) await session.predict(Float32Array.from(bytes));
  expect(session.warnings).toHaveLength(1);
  expect(session.warnings[0]).toMatch(
    /^predict was given \d+ for ".*", and training had values from -0\.5 to 0\.5\. Scale the rows as the data was, or give them as bytes\.$/,
  );
  expect(said).toHaveBeenCalledTimes(1);
  session.close();
  const calm = await compile(dense(), { device, loss: "mse" });
  await calm.fit(pictures, { epochs: 1 });
  await calm.predict(bytes);
  expect(calm.warnings).toEqual([]);
  calm.close();
});

test("nested arrays are one row or several, and ragged or strange ones are refused by row", async () => {
  const model = dense();
  const session = await compile(model, { device, loss: "mse" });
  const rows = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const wanted = (model.predict(tfc.tensor2d(rows)) as tfc.Tensor).dataSync();
  expect((await session.predict(rows)).shape).toEqual([2, 2]);
  expect(worst((await session.predict(rows)).data, wanted)).toBeLessThan(1e-5);
  expect((await session.predict(rows[0] as number[])).shape).toEqual([1, 2]);
  expect((await session.predict(rows.map((row) => Float32Array.from(row)) as never)).shape).toEqual(
    [2, 2],
  );
  await expect(session.predict([[1, 2, 3, 4], [5]])).rejects.toThrow(/row 1 has 1 values where 4/);
  await expect(session.predict([[1, 2, 3, "4"]] as never)).rejects.toThrow(/row 0 holds string/);
  await expect(session.predict([[1, 2, 3, Number.NaN]])).rejects.toThrow(/row 0 holds NaN/);
  await expect(session.predict([[1, 2, 3]])).rejects.toMatchObject({ kind: "ShapeMismatch" });
  session.close();
});
