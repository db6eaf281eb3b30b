/** What a session does where memory is refused: fewer rows at once, and others make room. */
import "@tensorflow/tfjs-backend-cpu";
import { type Backend, compile, type Dataset, isHoneError } from "@hone/core";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, expect, test } from "vitest";
import { fullAt, scratchOf, small } from "./test/small-backend.js";

beforeAll(() => tf.setBackend("cpu"));

const ROWS = 300;
const FEATURES = 6;
const plain = { scale: 1, offset: 0 };
const x = Float32Array.from({ length: ROWS * FEATURES }, (_, at) => Math.sin(at * at));
const y = Uint8Array.from({ length: ROWS }, (_, row) => (row * 7) % 3);
const rowsFrom = (name: string, seed: number): Dataset => ({
  name,
  rows: ROWS,
  columns: {
    x: { ...plain, data: x.map((value) => value * seed), shape: [FEATURES] },
    y: { ...plain, data: y, shape: [] },
  },
});
const data = rowsFrom("rows", 1);

const network = () =>
  sequential({
    layers: [
      layers.dense({ units: 40, activation: "relu", inputShape: [FEATURES] }),
      layers.dropout({ rate: 0.5 }),
      layers.batchNormalization(),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });

const loss = "sparseCategoricalCrossentropy";
const metrics = ["acc"] as const;

/** A session on a device that tells which entries it was asked for. */
async function open(backend: Backend, built: ReturnType<typeof network>) {
  return compile(built, { device: await backend.open(), loss, metrics: [...metrics] });
}

test("evaluations and predictions that do not fit give the same in smaller batches", async () => {
  const built = network();
  const whole = await open(cpu({ precision: 64 }), built);
  const asked: string[] = [];
  // What 60 rows need: 256 do not fit, 32 do.
  let bytes = 0;
  const measured = await open(
    small(Number.POSITIVE_INFINITY, (entry) => {
      bytes = scratchOf(entry);
    }),
    built,
  );
  await measured.evaluate(data, { batchSize: 60 });
  const tight = await open(
    small(bytes, ({ name }) => asked.push(name)),
    built,
  );
  const [found, wanted] = [await tight.evaluate(data), await whole.evaluate(data)];
  expect(asked.slice(0, 4)).toEqual(["evaluate@256", "evaluate@128", "evaluate@64", "evaluate@32"]);
  expect(found.outputs).toEqual(wanted.outputs);
  expect(found.confusion).toEqual(wanted.confusion);
  expect(found.loss).toBeCloseTo(wanted.loss, 12);
  expect((await tight.predict(x)).data).toEqual((await whole.predict(x)).data);
  // What did not fit once is not asked for again.
  asked.splice(0);
  await tight.evaluate(data);
  await tight.predict(x);
  expect(asked.filter((name) => /@(256|128|64)$/.test(name))).toEqual([]);
  await tight.fit(data, { epochs: 1, batchSize: 8, validation: 0.5 });
});

test("what not even one row fits into says so, and predictions that would differ are not cut", async () => {
  const built = network();
  const none = await open(small(8), built);
  for (const asked of [none.evaluate(data), none.predict(x)]) {
    const error = await asked.catch((reason: unknown) => reason);
    expect(isHoneError(error, "OutOfMemory"), `${error}`).toBe(true);
    expect(`${error}`).toContain("not even one row fits");
  }
  class Centred extends layers.Layer {
    static readonly className = "Centred";
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const input = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
      return tf.tidy(() => tf.sub(input, tf.mean(input, 0, true)));
    }
  }
  const mixing = sequential({
    layers: [
      layers.dense({ units: 40, inputShape: [FEATURES] }),
      new Centred({}),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  const refused = (await open(small(1000), mixing)).predict(x);
  await expect(refused).rejects.toThrow(/256 rows do not fit, and fewer at once would give other/);
});

test("entries that nobody holds, and data sets, leave a device that is full", async () => {
  const built = network();
  const free = await compile(built, { device: await cpu({ precision: 64 }).open(), loss, seed: 1 });
  await free.evaluate(rowsFrom("first", 2), { batchSize: 100 });
  const { bytes } = await free.device.memory();
  const device = await fullAt(2 * bytes);
  const session = await compile(built, { device, loss, seed: 1 });
  for (let seed = 1; seed <= 6; seed++) {
    const set = rowsFrom(`set ${seed}`, seed);
    const wanted = (await free.evaluate(set, { batchSize: 90 + seed })).loss;
    const found = (await session.evaluate(set, { batchSize: 90 + seed })).loss;
    expect(found).toBe(wanted);
  }
  const options = { epochs: 1, batchSize: 20 };
  const rows = Math.ceil(bytes / FEATURES);
  const many: Dataset = {
    name: "many",
    rows,
    columns: {
      x: { ...plain, data: new Float32Array(rows * FEATURES), shape: [FEATURES] },
      y: { ...plain, data: new Uint8Array(rows), shape: [] },
    },
  };
  const refused = session.evaluate(many);
  await expect(refused).rejects.toThrow(
    /bytes of data set ".*" do not fit on the device\. Take fewer/,
  );
  const { history } = await session.fit(data, options);
  expect(history).toEqual((await free.fit(data, options)).history);
});
