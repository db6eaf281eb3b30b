/** Pictures as bytes, where there is no canvas: what is told of each pixel, and what is refused. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { type Picture, pictures } from "../pictures.js";
import { RandomStream } from "../random.js";

beforeAll(() => tf.setBackend("cpu"));

/** Bytes of noise, with `stored` bytes a pixel; alpha, where there is one, is full. */
function noise(width: number, height: number, stored = 4, seed = 1) {
  const random = new RandomStream(seed, 0);
  const hasAlpha = stored % 2 === 0;
  const data = Uint8ClampedArray.from({ length: width * height * stored }, (_, at) =>
    hasAlpha && at % stored === stored - 1 ? 255 : random.nextInteger(256),
  );
  return { data, width, height };
}

/** As stock tfjs reads it: red, green and blue alone. */
const stock = ({ data, width, height }: ReturnType<typeof noise>, channels = 3) =>
  tf.browser.fromPixels({ data: new Uint8Array(data), width, height }, channels);

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, at) => Math.abs(value - (b[at] as number))));
};

test("opaque pixels at their own size are those of tf.browser.fromPixels, byte for byte", async () => {
  const picture = noise(7, 5);
  const { data, shape } = await pictures(picture);
  expect(shape).toEqual([1, 5, 7, 3]);
  expect([...data]).toEqual([...stock(picture).dataSync()]);
  expect([...(await pictures(picture, { channels: 4 })).data]).toEqual([...picture.data]);
  const both = await pictures([picture, noise(7, 5, 4, 2)]);
  expect(both.shape).toEqual([2, 5, 7, 3]);
  expect(both.data.subarray(0, data.length)).toEqual(data);
  expect(both).not.toHaveProperty("scale");
  expect(await pictures(picture, { scale: 1 / 255, offset: -0.5 })).toMatchObject({
    scale: 1 / 255,
    offset: -0.5,
  });
});

test("how many bytes a pixel has says what they are", async () => {
  const read = async (data: number[], options = {}) => [
    ...(await pictures({ data: Uint8Array.from(data), width: 1, height: 1 }, options)).data,
  ];
  expect(await read([10, 20, 30])).toEqual([10, 20, 30]);
  expect(await read([10, 20, 30], { channels: 4 })).toEqual([10, 20, 30, 255]);
  expect(await read([70])).toEqual([70, 70, 70]);
  expect(await read([70, 51])).toEqual([14, 14, 14]);
  // 0.299 · 200 + 0.587 · 100 + 0.114 · 50, and white stays white.
  expect(await read([200, 100, 50, 255], { channels: 1 })).toEqual([124]);
  expect(await read([255, 255, 255], { channels: 1 })).toEqual([255]);
});

test("what is not opaque lies on the background, unless there are four channels", async () => {
  const half = { data: Uint8Array.of(200, 100, 0, 51), width: 1, height: 1 };
  const read = async (options = {}) => [...(await pictures(half, options)).data];
  expect(await read()).toEqual([40, 20, 0]);
  expect(await read({ background: [255, 255, 255] })).toEqual([244, 224, 204]);
  expect(await read({ background: [255, 255, 255], channels: 1 })).toEqual([228]);
  expect(await read({ channels: 4, background: [255, 255, 255] })).toEqual([200, 100, 0, 51]);
});

test("a picture that grows is that of tf.image.resizeBilinear with half-pixel centres, to half a byte", async () => {
  const picture = noise(9, 6, 4, 3);
  const { data } = await pictures(picture, { size: [14, 23] });
  const wanted = tf.image.resizeBilinear(stock(picture), [14, 23], false, true);
  expect(largest(data, wanted.dataSync())).toBeLessThanOrEqual(0.501);
});

test("a picture that shrinks is a mean of all its pixels, where tf.image.resizeBilinear leaves most out", async () => {
  // One white column in eight: an eighth of white on average, and none of it, or all of it, by two pixels alone.
  const striped = { ...noise(64, 64, 1), data: new Uint8Array(64 * 64) };
  for (let at = 0; at < striped.data.length; at += 8) striped.data[at] = 240;
  const { data } = await pictures(striped, { size: [8, 8], channels: 1 });
  const inner = [...data].filter((_, at) => at % 8 > 0 && at % 8 < 7);
  expect(Math.max(...inner.map((value) => Math.abs(value - 30)))).toBeLessThanOrEqual(1);
  const [image] = [tf.tensor3d(Float32Array.from(striped.data), [64, 64, 1])];
  const two = tf.image.resizeBilinear(image as tf.Tensor3D, [8, 8], false, true).dataSync();
  expect(Math.max(...two)).toBe(0);
});

test("halving weighs pixels by 1, 3, 3 and 1 eighths, and by what there is of these at the edge", async () => {
  const line = { data: Uint8Array.of(80, 0, 0, 160, 0, 0, 0, 240), width: 8, height: 1 };
  const { data } = await pictures(line, { size: [1, 4], channels: 1 });
  // (3·80 + 3·0 + 1·0) / 7; (1·0 + 3·0 + 3·160 + 1·0) / 8; (1·160) / 8; (1·0 + 3·0 + 3·240) / 7
  expect([...data]).toEqual([34, 60, 20, 103]);
});

test("of another shape it is stretched, cut at both sides, or set between stripes of the background", async () => {
  // Four columns of one colour each.
  const data = Uint8Array.from({ length: 8 }, (_, at) => [10, 90, 170, 250][at % 4] as number);
  const wide = { data, width: 4, height: 2 };
  const read = async (options: object) => [
    ...(await pictures(wide, { channels: 1, size: [2, 2], ...options })).data,
  ];
  // Weighed by 3, 3 and 1 sevenths.
  expect(await read({})).toEqual([67, 193, 67, 193]);
  expect(await read({ fit: "fill" })).toEqual(await read({}));
  expect(await read({ fit: "cover" })).toEqual([90, 170, 90, 170]);
  const tall = { size: [4, 4], fit: "contain", background: [9, 9, 9] };
  const stripe = [9, 9, 9, 9];
  expect(await read(tall)).toEqual([...stripe, ...data, ...stripe]);
  const beside = { size: [2, 6], fit: "contain", background: [9, 9, 9] };
  expect(await read(beside)).toEqual([9, 10, 90, 170, 250, 9, 9, 10, 90, 170, 250, 9]);
});

test("of four channels what is transparent has no say in the colour beside it", async () => {
  const pair = { data: Uint8Array.of(200, 100, 50, 255, 0, 255, 0, 0), width: 2, height: 1 };
  expect([...(await pictures(pair, { channels: 4, size: [1, 1] })).data]).toEqual([
    200, 100, 50, 128,
  ]);
});

test("a large picture is read in turns, to the same bytes as it would be at once", async () => {
  const large = noise(1500, 1200, 3);
  let ticks = 0;
  let isOver = false;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    ticks++;
    if (!isOver) channel.port2.postMessage(undefined);
  };
  channel.port2.postMessage(undefined);
  const { data } = await pictures(large, { size: [4, 5] });
  isOver = true;
  channel.port1.close();
  expect(ticks).toBeGreaterThan(2);
  // Noise: each mean of 90,000 numbers is near to that of all.
  expect(largest(data, new Uint8Array(60).fill(127))).toBeLessThan(6);
});

const one = noise(2, 2);
const REFUSED: readonly (readonly [string, unknown, object, RegExp])[] = [
  ["nothing", [], {}, /no picture was given\. Give at least one/],
  [
    "a number",
    5,
    {},
    /the picture is a Number which is no picture\. Give pictures alone: ImageData/,
  ],
  ["a map", new Map(), {}, /the picture is a Map which is no picture/],
  ["numbers among them", [one, [1, 2]], {}, /picture 1 is an Array which is no picture/],
  ["null among them", [one, null], {}, /picture 1 is a Null which is no picture/],
  ["no pixels", { ...one, width: 0 }, {}, /the picture is an Object which has 0 × 2 pixels/],
  ["half a pixel", { ...one, width: 1.5 }, {}, /which has 1\.5 × 2 pixels\. Give one with/],
  [
    "too few bytes",
    { ...one, width: 3 },
    {},
    /of 3 × 2 pixels, whose data has 16 bytes\. Give 4 bytes a pixel, or 3, 2 or 1/,
  ],
  [
    "floats",
    { ...one, data: new Float32Array(16) },
    {},
    /whose data is Float32Array\. Give bytes from 0 to 255 in a Uint8Array/,
  ],
  [
    "a canvas of Node's",
    { width: 3, height: 3 },
    {},
    /only a browser can read\. Decode it by a library/,
  ],
  ["a file in Node", new Blob(["x"]), {}, /is a Blob which only a browser can read\. Decode it/],
  [
    "another size",
    [one, noise(3, 2)],
    {},
    /picture 1 has 3 × 2 pixels, where picture 0 has 2 × 2\. Say which size/,
  ],
  ["two channels", one, { channels: 2 }, /channels is 2\. Give 1, 3 or 4/],
  ["one number as size", one, { size: 28 }, /size is 28\. Give \[height, width\]/],
  ["half a pixel as size", one, { size: [2.5, 2] }, /size is a list\. Give \[height, width\]/],
  ["an unknown fit", one, { fit: "crop" }, /fit is "crop"\. Give "fill", "cover" or "contain"/],
  ["a colour's name", one, { background: "white" }, /background is "white"\. Give \[red, green/],
  ["another option", one, { chanels: 1 }, /there is no option "chanels"\. Did you mean "channels"/],
];

test.each(REFUSED)("%s is refused by name", async (_, given, options, said) => {
  const refused = pictures(given as Picture, options);
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toMatchObject({ kind: expect.stringMatching(/^Bad/) });
  await expect(refused).rejects.toThrow(/^\[hone\] pictures: .*\.$/);
});
