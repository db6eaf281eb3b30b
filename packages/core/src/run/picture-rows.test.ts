/** Pictures in the place of rows, and what looks like rows and says too little. In a page: pictures.browser.test.ts. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { openModel } from "../open-model.js";
import { pictures } from "../pictures.js";
import { program } from "../program.js";
import { RandomStream } from "../random.js";
import { compile as compileSaved } from "../runtime.js";
import type { Dataset } from "./dataset.js";
import type { RowsLike } from "./rows.js";
import { disposeTensors } from "./stream.js";
import { plain, twoPorts } from "./test/two-ports.js";

let device: Device;
beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const { layers } = tfl;
const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });

/** A convolution over [height, width, channels]. */
const network = (shape: (number | null)[]) =>
  tfl.sequential({
    layers: [
      layers.conv2d({ inputShape: shape, filters: 2, kernelSize: 3, kernelInitializer: seeded(1) }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 2, kernelInitializer: seeded(2) }),
    ],
  });

/** As ImageData has it. */
function picture(width: number, height: number, seed: number) {
  const random = new RandomStream(seed, 0);
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, at) =>
    at % 4 === 3 ? 255 : random.nextInteger(256),
  );
  return { data, width, height };
}

/** Its red, green and blue. */
const bytesOf = ({ data }: ReturnType<typeof picture>) =>
  Uint8Array.from(data).filter((_, at) => at % 4 < 3);

const [first, second] = [picture(6, 5, 1), picture(6, 5, 2)];
const both = Uint8Array.of(...bytesOf(first), ...bytesOf(second));

/** Two pictures and their labels. */
const taught: Dataset = {
  name: "taught",
  rows: 2,
  columns: {
    x: { data: both, shape: [5, 6, 3], scale: 1 / 255, offset: -0.5 },
    y: plain(Float32Array.of(0, 1, 1, 0), [2]),
  },
};

test("a picture is predicted as its bytes are: raw before, and scaled after a data set has said how", async () => {
  const model = network([5, 6, 3]);
  const session = await compile(model, { device, loss: "meanSquaredError" });
  const raw = await session.predict(first);
  expect(raw.shape).toEqual([1, 2]);
  expect(raw).toEqual(await session.predict(bytesOf(first)));
  const pixels = tf.browser.fromPixels({ ...first, data: new Uint8Array(first.data) });
  const stock = (model.predict(tf.expandDims(pixels)) as tf.Tensor).dataSync();
  for (const [at, value] of stock.entries()) expect(raw.data[at]).toBeCloseTo(value, 3);
  await session.fit(taught, { epochs: 1 });
  const scaled = await session.predict([first, second]);
  expect(scaled.shape).toEqual([2, 2]);
  expect(scaled).toEqual(await session.predict(both));
  expect(scaled).toEqual(await session.predict(await pictures([first, second])));
  const itself = { scale: 1 / 255, offset: -0.5 };
  expect(scaled).toEqual(await session.predict(await pictures([first, second], itself)));
  expect(session.warnings).toEqual([]);
  const saved = await compileSaved(await openModel(await session.save()), { device });
  expect(await saved.predict([first, second])).toEqual(scaled);
  for (const one of [session, saved]) one.close();
});

test("values bring a scale of their own, which wins over the data set's, also as labels and weights", async () => {
  const session = await compile(network([5, 6, 3]), { device, loss: "meanSquaredError" });
  await session.fit(taught, { epochs: 1 });
  const shape = [2, 5, 6, 3];
  const halved = Float32Array.from(both, (value) => value / 2 + 1);
  const wanted = await session.predict(halved);
  expect(await session.predict({ data: both, shape, scale: 0.5, offset: 1 })).toEqual(wanted);
  const floats = Float32Array.from(both);
  expect(await session.predict({ data: floats, shape, scale: 0.5, offset: 1 })).toEqual(wanted);
  const asItIs = await session.predict({ data: both, shape, scale: 1 });
  expect(asItIs).toEqual(await session.predict(floats));
  const step = async (y: RowsLike, sampleWeight: RowsLike) =>
    (await session.trainOnBatch(floats, y, { sampleWeight, learningRate: 0 })).loss;
  const plainly = await step(
    [
      [0, 0.5],
      [0.5, 0],
    ],
    [0.25, 0.5],
  );
  const weights = { data: Uint8Array.of(1, 2), shape: [2], scale: 0.25 };
  expect(await step({ data: Uint8Array.of(0, 1, 1, 0), shape: [2, 2], scale: 0.5 }, weights)).toBe(
    plainly,
  );
  session.close();
});

test("pictures come to the input's size and channels, and a free extent is their own", async () => {
  const predictions = async (shape: (number | null)[], given: RowsLike, same: RowsLike) => {
    const session = await compile(network(shape), { device, loss: "meanSquaredError" });
    const result = await session.predict(given);
    expect(result).toEqual(await session.predict(same));
    session.close();
    return result;
  };
  const small = await pictures([first, second], { size: [4, 4], channels: 1 });
  await predictions([4, 4, 1], [first, second], small.data);
  await predictions([null, 6, 3], first, { data: bytesOf(first), shape: [1, 5, 6, 3] });
  await predictions([null, null, 3], [first, second], { data: both, shape: [2, 5, 6, 3] });
  const session = await compile(network([null, null, 3]), { device, loss: "meanSquaredError" });
  await expect(session.predict([first, picture(5, 5, 3)])).rejects.toThrow(
    /predict: picture 1 has 5 × 5 pixels, where picture 0 has 6 × 5/,
  );
  session.close();
});

test("an input of rows and columns takes brightness; a flat one is refused, and takes what `pictures` gives", async () => {
  const flat = (inputShape: number[]) =>
    tfl.sequential({
      layers: [
        layers.reshape({ inputShape, targetShape: [inputShape.reduce((a, b) => a * b)] }),
        layers.dense({ units: 1, kernelInitializer: seeded(3) }),
      ],
    });
  const grey = await pictures(first, { size: [5, 6], channels: 1 });
  const plane = await compile(flat([5, 6]), { device, loss: "meanSquaredError" });
  const wanted = await plane.predict(grey.data);
  expect(await plane.predict(first)).toEqual(wanted);
  plane.close();
  const session = await compile(flat([30]), { device, loss: "meanSquaredError" });
  await expect(session.predict(first)).rejects.toMatchObject({
    kind: "ShapeMismatch",
    message: expect.stringMatching(
      /takes \[30\], which is neither \[height, width\] nor .*await pictures\(/,
    ),
  });
  expect((await session.predict(grey)).data).toEqual(wanted.data);
  session.close();
  const first3 = await compile(flat([3, 5, 6]), { device, loss: "meanSquaredError" });
  await expect(first3.predict(first)).rejects.toMatchObject({ kind: "ShapeMismatch" });
  first3.close();
});

test("of several inputs each may be a picture, by name or in order", async () => {
  const [image, place] = [
    tfl.input({ shape: [5, 6, 3], name: "image" }),
    tfl.input({ shape: [2], name: "place" }),
  ];
  const seen = layers.flatten().apply(image) as tfl.SymbolicTensor;
  const joined = layers.concatenate().apply([seen, place]) as tfl.SymbolicTensor;
  const output = layers.dense({ units: 1, kernelInitializer: seeded(4) }).apply(joined);
  const model = tfl.model({ inputs: [image, place], outputs: output as tfl.SymbolicTensor });
  const session = await compile(model, { device, loss: "meanSquaredError" });
  const wanted = await session.predict({ image: bytesOf(first), place: [1, 2] });
  expect(await session.predict({ image: first, place: [1, 2] })).toEqual(wanted);
  expect(await session.predict([first, [1, 2]])).toEqual(wanted);
  const places = [
    [1, 2],
    [3, 4],
  ];
  const two = await session.predict({ image: both, place: places });
  expect(await session.predict({ image: [first, second], place: places })).toEqual(two);
  await expect(session.predict({ image: [first, second], place: [1, 2] })).rejects.toThrow(
    /the inputs have 2, 1 rows/,
  );
  await expect(session.predict(first)).rejects.toThrow(/the model has 2 inputs \(image, place\)/);
  session.close();
});

test("single steps, streams and programs take pictures too, to the same bits", async () => {
  const y = Float32Array.of(0, 1, 1, 0);
  const losses = async (x: RowsLike) => {
    const session = await compile(network([5, 6, 3]), {
      device,
      loss: "meanSquaredError",
      seed: 1,
    });
    await session.fit(taught, { epochs: 1 });
    const { loss } = await session.trainOnBatch(x, y, { learningRate: 1e-3 });
    const { history } = await session.fit([{ x, y }], { epochs: 1 });
    session.close();
    return [loss, history.loss];
  };
  expect(await losses([first, second])).toEqual(await losses(both));
  const means = await program({
    device,
    inputs: { x: [5, 6, 3] },
    functions: { mean: { compute: ({ x }: { x: tf.Tensor }) => ({ mean: tf.mean(x) }) } },
  });
  const meanOf = async (x: RowsLike) => JSON.stringify(await means.run("mean", { x }));
  expect(await meanOf([first, second])).toBe(await meanOf(both));
  means.close();
});

test("a stream's batch is freed of its tensors, and what hangs on a picture in it is left alone", () => {
  const freed: string[] = [];
  const tensor = (name: string) => ({ shape: [1], dispose: () => freed.push(name) });
  // As React hangs its tree on an element: it leads back to it.
  const element = new (class {
    readonly [Symbol.toStringTag] = "HTMLCanvasElement";
    width = 2;
  })();
  const fiber: Record<string, unknown> = { element, dispose: () => freed.push("fiber") };
  Object.assign(element, { __reactFiber: { fiber, again: fiber, self: element } });
  disposeTensors({ x: { a: tensor("a"), b: [tensor("b"), element] }, y: tensor("y") });
  expect(freed.sort()).toEqual(["a", "b", "y"]);
});

test("bytes of another window or context are bytes", async () => {
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  const session = await compile(network([5, 6, 3]), { device, loss: "meanSquaredError" });
  await session.fit(taught, { epochs: 1 });
  const foreign = runInNewContext("Uint8Array.from(values)", { values: [...both] }) as Uint8Array;
  expect(foreign).not.toBeInstanceOf(Uint8Array);
  expect(await session.predict(foreign)).toEqual(await session.predict(both));
  expect(await session.predict(Buffer.from(both))).toEqual(await session.predict(both));
  session.close();
});

const STRANGE: readonly (readonly [string, unknown, RegExp])[] = [
  [
    "an ArrayBuffer",
    new ArrayBuffer(90),
    /no form it takes \(ArrayBuffer, which does not say what kind of numbers/,
  ],
  ["shared memory", new SharedArrayBuffer(90), /\(SharedArrayBuffer, which does not say/],
  ["a DataView", new DataView(new ArrayBuffer(90)), /\(DataView, which does not say/],
  ["whole numbers of 64 bits", new BigInt64Array(90), /no form it takes \(BigInt64Array\)/],
  ["a list of them", [1n], /no form it takes \(a list\)/],
  [
    "these with a shape",
    { data: new BigInt64Array(90), shape: [1, 90] },
    /an object with data, shape\)/,
  ],
  [
    "a map",
    new Map([["x", 1]]),
    /no form it takes \(Map\)\. Give a typed array, nested arrays, .*or pictures/,
  ],
  ["objects in a list", [{}], /no form it takes \(a list\)/],
  ["a picture among numbers", [[1, 2], first], /row 1 holds object where a number is expected/],
  ["numbers among pictures", [first, [1, 2]], /picture 1 is an Array which is no picture/],
  ["a file in Node", new Blob(["x"]), /the picture is a Blob which only a browser can read/],
  [
    "a picture without pixels",
    { ...first, height: 0 },
    /predict: the picture is an Object which has 6 × 0/,
  ],
  ["a record of others", { y: first }, /x names "y"; the model's inputs are/],
];

test.each(STRANGE)("as rows %s is refused by name", async (_, given, said) => {
  const session = await compile(network([5, 6, 3]), { device, loss: "meanSquaredError" });
  const refused = session.predict(given as RowsLike);
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toThrow(/^\[hone\] predict: .*\.$/);
  session.close();
});

test("labels are no pictures, and the error does not offer that", async () => {
  const session = await compile(twoPorts(), { device, loss: "meanSquaredError" });
  const labels = { age: first, kind: [1, 2, 3] };
  await expect(session.trainOnBatch({ size: [1, 2, 3], place: [1, 2] }, labels)).rejects.toThrow(
    /an object with data, width, height\)\. Give a typed array, nested arrays, a tf\.Tensor, \{ data: typed array, shape \}\.$/,
  );
  session.close();
});
