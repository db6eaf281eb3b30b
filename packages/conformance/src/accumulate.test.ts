/** Batches in parts: the gradient, the figures and the weights of the whole, up to the order of sums. */
import "@tensorflow/tfjs-backend-cpu";
import {
  adam,
  type Backend,
  compile,
  type Dataset,
  type HoneError,
  isHoneError,
  type Session,
  sgd,
} from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, regularizers, sequential } from "@tensorflow/tfjs-layers";
import { beforeAll, expect, test } from "vitest";
import { scratchOf, small } from "./test/small-backend.js";

beforeAll(() => tf.setBackend("cpu"));

const ROWS = 46;
const BATCH = 20;
const FEATURES = 12;
const CLASSES = 3;

const numbers = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, at) => Math.sin(seed + at * at));
const plain = { scale: 1, offset: 0 };
const x = numbers(ROWS * FEATURES, 1);
const y = Uint8Array.from({ length: ROWS }, (_, row) => (row * 7) % CLASSES);
const columns = {
  x: { ...plain, data: x, shape: [FEATURES] },
  y: { ...plain, data: y, shape: [] },
};
const data: Dataset = { name: "rows", rows: ROWS, columns };
const weighed: Dataset = {
  ...data,
  columns: {
    ...columns,
    trust: { ...plain, data: numbers(ROWS, 5).map(Math.abs), shape: [] },
  },
  sampleWeights: "trust",
} as Dataset;

/** Convolution, dropout and penalties. */
function network() {
  const kernelRegularizer = regularizers.l2({ l2: 0.01 });
  return sequential({
    layers: [
      layers.reshape({ targetShape: [2, 6, 1], inputShape: [FEATURES] }),
      layers.conv2d({ filters: 3, kernelSize: 2, activation: "relu", kernelRegularizer }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 5, activation: "tanh", kernelRegularizer }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
}

const optimizer = () => adam(0.01, { clipNorm: 0.5 });
const loss = "sparseCategoricalCrossentropy";
const metrics = ["acc", { name: "sparseTopKCategoricalAccuracy", k: 2 } as const];

type Network = ReturnType<typeof network>;

/** What a session tells, and what it judges afterwards, in as many digits as the device has. */
async function outcome<T>(
  backend: Backend,
  built: Network,
  body: (session: Session<Network>) => Promise<T>,
) {
  const device = await backend.open();
  const session = await compile(built, { device, optimizer: optimizer(), loss, metrics, seed: 5 });
  try {
    const told = await body(session as Session<Network>);
    const { loss: judged, outputs } = await session.evaluate(data);
    const weights = (await session.weights()).flatMap(({ values }) => [...values]);
    return { told, judged, outputs: [...outputs], weights };
  } finally {
    session.close();
    await device.close();
  }
}

function expectClose(found: readonly number[], wanted: readonly number[], within: number): void {
  const largest = Math.max(...wanted.map(Math.abs));
  const apart = Math.max(...wanted.map((value, at) => Math.abs(value - (found[at] as number))));
  expect(apart / largest).toBeLessThanOrEqual(within);
}

const classWeight = [1, 0.5, 2];
const history = async (session: Session<Network>, options: object, set: Dataset = weighed) => {
  const given = { epochs: 3, batchSize: BATCH, classWeight, shuffle: true, ...options };
  return Object.values((await session.fit(set, given)).history).flat() as number[];
};

const cases: readonly (readonly [Backend, within: number])[] = [
  [cpu({ precision: 64 }), 1e-12],
  [wasm(), 1e-5],
  ...(process.env.HONE_SOAK === "1" ? ([[webgpu(), 1e-5]] as const) : []),
];
/** Parts that divide the batch, that do not, and of which the short last batch is one; the software GPU compiles long. */
const partsFor = ({ name }: Backend) => (name === "webgpu" ? [12] : [4, 12, 8]);

for (const [backend, within] of cases) {
  const title = `${backend.name}: an epoch whose batches pass in parts is the epoch of whole ones`;
  test(title, { timeout: 600_000 }, async () => {
    const built = network();
    const whole = await outcome(backend, built, (session) => history(session, {}));
    for (const accumulate of partsFor(backend)) {
      const parts = await outcome(backend, built, (session) => history(session, { accumulate }));
      expectClose(parts.told, whole.told, within);
      expectClose([parts.judged], [whole.judged], within);
      expectClose(parts.outputs, whole.outputs, within);
      expectClose(parts.weights, whole.weights, Math.max(within, 1e-6));
    }
  });
}

test("single steps pass in parts as well, and parts of more rows than there are change nothing", async () => {
  const built = network();
  const steps = (accumulate?: number) => async (session: Session<Network>) => {
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) {
      const rows = 8 + step;
      const options = { classWeight, ...(accumulate && { accumulate }) };
      const labels = y.subarray(0, rows);
      const told = await session.trainOnBatch(x.subarray(0, rows * FEATURES), labels, options);
      losses.push(...Object.values(told.figures));
    }
    return losses;
  };
  const reference = cpu({ precision: 64 });
  const whole = await outcome(reference, built, steps());
  for (const accumulate of [4, 5, 7]) {
    const parts = await outcome(reference, built, steps(accumulate));
    expectClose(parts.told, whole.told, 1e-12);
    expectClose(parts.outputs, whole.outputs, 1e-12);
  }
  expect(await outcome(reference, built, steps(64))).toEqual(whole);
});

/** The scratch of a whole batch. */
async function scratchOfBatch(built: Network): Promise<number> {
  let bytes = 0;
  const backend = small(Number.POSITIVE_INFINITY, (entry) => {
    if (entry.name === `train@${BATCH}`) bytes = scratchOf(entry);
  });
  await outcome(backend, built, (session) => history(session, { epochs: 1 }));
  return bytes;
}

test("`accumulate: true` takes parts only of a batch that does not fit", async () => {
  const built = network();
  const bytes = await scratchOfBatch(built);
  const whole = await outcome(cpu({ precision: 64 }), built, (session) => history(session, {}));
  const options = { accumulate: true };
  const large = await outcome(small(bytes), built, (session) => history(session, options));
  expect(large).toEqual(whole);
  const calls = new Set<number>();
  const tight = small(0.8 * bytes, ({ name, calls: { length } }) => {
    if (name === `train@${BATCH}`) calls.add(length);
  });
  const parts = await outcome(tight, built, (session) => history(session, options));
  expectClose(parts.told, whole.told, 1e-12);
  expect(calls.size).toBeGreaterThan(1);
});

test("without it the error names a batch size that fits, and that one does", async () => {
  const built = network();
  const tight = small(0.8 * (await scratchOfBatch(built)));
  const refused = outcome(tight, built, (session) => history(session, {}));
  const error = (await refused.catch((reason: unknown) => reason)) as HoneError;
  expect(isHoneError(error, "OutOfMemory"), `${error}`).toBe(true);
  expect(error.message).toContain("a batch of 20 does not fit. A batch of 10 fits");
  expect(error.message).toContain("`accumulate: true`");
  await outcome(tight, built, (session) => history(session, { batchSize: 10 }));
});

test("a batch that a real device refuses says what would fit, and passes in parts", async () => {
  const device = await wasm().open();
  const rows = 600_000;
  const wide = sequential({
    layers: [
      layers.dense({ units: 512, activation: "relu", inputShape: [1] }),
      layers.dense({ units: 1, activation: "sigmoid" }),
    ],
  });
  const inputs = Uint8Array.from({ length: rows }, (_, row) => row % 7);
  const set: Dataset = {
    name: "many",
    rows,
    columns: {
      x: { ...plain, data: inputs, shape: [1] },
      y: { ...plain, data: inputs.map((value) => value % 2), shape: [1] },
    },
  };
  const session = await compile(wide, { device, loss: "binaryCrossentropy", optimizer: sgd(0.1) });
  const once = { epochs: 1, batchSize: rows, shuffle: false };
  const refused = session.fit(set, once);
  await expect(refused).rejects.toThrow(/a batch of 600000 does not fit\. A batch of \d+ fits/);
  const began = await session.evaluate(set);
  const { history: told } = await session.fit(set, { ...once, accumulate: 20_000 });
  // The figures of a step are those before it.
  expect(told.loss?.[0]).toBeCloseTo(began.loss, 4);
  session.close();
  await device.close();
});

test("a model whose rows see each other is refused by the layer's name", async () => {
  const normalized = sequential({
    layers: [
      layers.dense({ units: 4, inputShape: [FEATURES] }),
      layers.batchNormalization({ name: "normalize" }),
      layers.dense({ units: CLASSES, activation: "softmax" }),
    ],
  });
  const trained = outcome(cpu(), normalized, (session) => history(session, { accumulate: 4 }));
  await expect(trained).rejects.toThrow(/accumulate: layer "normalize" looks at all rows/);
});
