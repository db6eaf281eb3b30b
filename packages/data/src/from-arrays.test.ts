import { columnOf, type Dataset, inputNames, labelNames } from "@hone/core";
import { expect, test } from "vitest";
import { type DatasetInput, type DatasetOptions, dataset } from "./index.js";

const ofColumn = (made: Dataset, name: string) => {
  const { data, shape } = columnOf(made, name);
  return [data.constructor, [...data], shape];
};

const errorOf = (options: unknown): Promise<unknown> =>
  dataset(options as DatasetOptions).catch((thrown) => thrown);

test("typed arrays are kept without a copy, with their shape, scale and offset", async () => {
  const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const made = await dataset({
    x: { data: pixels, shape: [2, 2, 2] },
    y: Int32Array.of(0, 1),
    name: "mine",
    classNames: ["no", "yes"],
    scale: 1 / 255,
    offset: -0.5,
  });
  expect(made.columns.x!).toEqual({ data: pixels, shape: [2, 2], scale: 1 / 255, offset: -0.5 });
  expect(made.columns.x!.data).toBe(pixels);
  expect(made).toMatchObject({ name: "mine", rows: 2, classNames: ["no", "yes"] });
  expect(made.columns.y!).toMatchObject({ shape: [], scale: 1, offset: 0 });
});

test("nested arrays become float32, and one whole number a row of y becomes labels", async () => {
  const made = await dataset({ x: [[[1, 2]], [[3, 4]], [[5, 6]]], y: [2, 0, 1] });
  expect(made.columns.x!).toMatchObject({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2] });
  expect(made.columns.y!.data).toEqual(Int32Array.of(2, 0, 1));
  const targets = await dataset({ x: [1, 2], y: [0.5, 1] });
  expect(targets.columns.y!.data).toEqual(Float32Array.of(0.5, 1));
  const oneHot = await dataset({
    x: [1, 2],
    y: [
      [0, 1],
      [1, 0],
    ],
  });
  expect(oneHot.columns.y!).toMatchObject({ data: Float32Array.of(0, 1, 1, 0), shape: [2] });
});

test("tensors are read through their shape and data alone", async () => {
  const tensor = (data: Float32Array | Int32Array, shape: number[]) => ({
    shape,
    data: () => Promise.resolve(data),
  });
  const made = await dataset({
    x: tensor(Float32Array.of(1, 2, 3, 4), [2, 2]),
    y: tensor(Int32Array.of(1, 0), [2]),
  });
  expect(made.columns.x!).toMatchObject({ data: Float32Array.of(1, 2, 3, 4), shape: [2] });
  expect(made.columns.y!.data).toEqual(Int32Array.of(1, 0));
});

test("data that cannot be trained on is refused, naming column and row", async () => {
  const one = Float32Array.of(1, 2);
  const cases: readonly (readonly [DatasetOptions["x"], DatasetInput, RegExp])[] = [
    [[1, 2, 3], [0, 1], /x has 3 rows, but y has 2/],
    [
      [
        [1, 2],
        [3, Number.NaN],
      ],
      [0, 1],
      /column x holds NaN in row 1 \(element 1 of that row\)/,
    ],
    [[1, 2], [0.5, Number.NEGATIVE_INFINITY], /column y holds -Infinity in row 1/],
    [Float64Array.of(1, 1e300), [0, 1], /x holds 1e\+300 in row 1, which float32 cannot hold/],
    [[1, -1e39], [0, 1], /x holds -1e\+39 in row 1, which float32 cannot hold/],
    [[[1, 2], [3]], [0, 1], /x holds 1 elements in row 1, where row 0 has 2 elements/],
    [[[1], [2, 3]], [0, 1], /x holds 2 elements in row 1/],
    [[1, [2]] as never, [0, 1], /x holds Array in row 1/],
    [["1", "2"] as never, [0, 1], /x holds a string \("1"\) in row 0\. Give a number/],
    [
      [1, 2],
      ["cat", "dog"] as never,
      /y holds a string \("cat"\) in row 0\. Give each class a number/,
    ],
    [[1, 2], [0, null] as never, /y holds null in row 1/],
    [[[1], undefined] as never, [0, 1], /x holds undefined in row 1/],
    [[1, 2n] as never, [0, 1], /x holds a bigint in row 1/],
    [{ data: one, shape: [2, 3] }, [0, 1], /holds 2 elements, but its shape \[2, 3\] takes 6/],
    [{ data: one, shape: [] }, [0, 1], /has no rows/],
    [{ data: new DataView(new ArrayBuffer(2)) as never, shape: [2] }, [0, 1], /x is DataView/],
    [new DataView(new ArrayBuffer(2)) as never, [0, 1], /x is DataView/],
    [{ shape: [2, 2] } as never, [0, 1], /x is Object with a shape and no data\. Give/],
    [{ data: one } as never, [0, 1], /x has the shape undefined\. Give a list of whole numbers/],
    [{ data: one, shape: "2" } as never, [0, 1], /x has the shape a string \("2"\)/],
    [{ data: one, shape: [1.5] }, [0, 1], /x has the shape \[1\.5\]/],
    [{ data: one, shape: [2], scales: 2 } as never, [0, 1], /x has an unknown field scales/],
    [{ data: one, shape: [2], scale: Number.NaN }, [0, 1], /column x has scale NaN/],
    [new Map() as never, [0, 1], /x is Map\. Give an array/],
    [{}, [0, 1], /x names no columns/],
    [
      [Float32Array.of(1, 2), Float32Array.of(3)],
      [0, 1],
      /x holds \[1\] in row 1, where row 0 has \[2\]/,
    ],
    [
      [Float32Array.of(1), Uint8Array.of(3)],
      [0, 1],
      /x has in row 1 Uint8Array, where row 0 is Float32Array/,
    ],
    [undefined as never, [0, 1], /x is undefined\. Give an array/],
    [[], [], /has 0 rows/],
    [[1, 2], [0, 3], /label 3 in row 1, but there are 2 classes/],
    [[1, 2], [0, -1], /label -1 in row 1/],
  ];
  for (const [x, y, message] of cases) {
    const error: unknown = await dataset({ x, y, classNames: ["a", "b"] }).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ kind: "BadData", message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/^\[hone\] data set "data": [^\n]+\.$/);
  }
});

test("class numbers stay floats, as tf.tensor makes them, and are held to the classes", async () => {
  const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
  const classNames = ["a", "b"];
  for (const shape of [[2], [2, 1]]) {
    const y = { data: Float32Array.of(0, 1), shape };
    const made = await dataset({ x, y, classNames });
    expect(ofColumn(made, "y")).toEqual([Float32Array, [0, 1], shape.slice(1)]);
    expect(made.columns.y!.data).toBe(y.data);
    const beyond = { data: Float32Array.of(0, 7), shape };
    expect(await errorOf({ x, y: beyond, classNames })).toMatchObject({
      message: expect.stringMatching(/label 7 in row 1, but there are 2 classes/),
    });
  }
});

test("arrays of every width are stored as a type that holds each of their numbers", async () => {
  const cases: readonly (readonly [DatasetInput, unknown, readonly number[]])[] = [
    [Uint8ClampedArray.of(0, 255), Uint8Array, [0, 255]],
    [Int8Array.of(-128, 127), Int32Array, [-128, 127]],
    [Uint16Array.of(0, 65_535), Int32Array, [0, 65_535]],
    [Int16Array.of(-32_768, 3), Int32Array, [-32_768, 3]],
    [Uint32Array.of(0, 2_147_483_647), Int32Array, [0, 2_147_483_647]],
    [Uint32Array.of(1, 2_147_483_648), Float32Array, [1, 2_147_483_648]],
    [BigInt64Array.of(-5n, 2n ** 40n), Float32Array, [-5, 2 ** 40]],
    [BigUint64Array.of(7n, 8n), Int32Array, [7, 8]],
    [Float64Array.of(0.1, -3e38), Float32Array, [Math.fround(0.1), Math.fround(-3e38)]],
    [Buffer.from([1, 2]), Buffer, [1, 2]],
    [new Uint8Array(new SharedArrayBuffer(2)), Uint8Array, [0, 0]],
    [[true, 3.5], Float32Array, [1, 3.5]],
  ];
  for (const [x, stored, values] of cases) {
    expect(ofColumn(await dataset({ x, y: [0, 1] }), "x")).toEqual([stored, values, []]);
  }
  const clamped = Uint8ClampedArray.of(1, 2);
  const made = await dataset({ x: clamped, y: [true, false] });
  expect(made.columns.x!.data.buffer).toBe(clamped.buffer);
  expect(ofColumn(made, "y")).toEqual([Uint8Array, [1, 0], []]);
});

test("whole numbers that neither type holds are refused, and labels above int32 at once", async () => {
  const cases: readonly (readonly [DatasetInput, DatasetInput, RegExp])[] = [
    [Uint32Array.of(0, 4_294_967_295), [0, 1], /x holds 4294967295 in row 1, which neither/],
    [BigInt64Array.of(0n, 2n ** 53n + 1n), [0, 1], /x holds 9007199254740993 in row 1/],
    [
      { data: Uint32Array.of(1, 2, 3, 2 ** 31 + 1), shape: [2, 2] },
      [0, 1],
      /x holds 2147483649 in row 1/,
    ],
    [[1, 2], Uint32Array.of(0, 2 ** 31), /y holds 2147483648 in row 1.+Labels are whole numbers/],
  ];
  for (const [x, y, message] of cases) {
    expect(await errorOf({ x, y })).toMatchObject({
      kind: "BadData",
      message: expect.stringMatching(message),
    });
  }
});

test("a list of typed arrays, of tensors or of shaped arrays is a list of rows", async () => {
  const tensor = (data: Float32Array, shape: number[]) => ({
    shape,
    data: () => Promise.resolve(data),
  });
  const cases: readonly (readonly [DatasetInput, unknown])[] = [
    [
      [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
      [Uint8Array, [1, 2, 3, 4], [2]],
    ],
    [
      [Float64Array.of(1.5), Float64Array.of(2.5)],
      [Float32Array, [1.5, 2.5], [1]],
    ],
    [
      [
        [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
        [Uint8Array.of(5, 6), Uint8Array.of(7, 8)],
      ],
      [Float32Array, [1, 2, 3, 4, 5, 6, 7, 8], [2, 2]],
    ],
    [
      [tensor(Float32Array.of(1, 2), [1, 2]), tensor(Float32Array.of(3, 4), [1, 2])],
      [Float32Array, [1, 2, 3, 4], [1, 2]],
    ],
    [
      [
        { data: Uint8Array.of(1, 2), shape: [2, 1], scale: 0.5 },
        { data: Uint8Array.of(3, 4), shape: [2, 1], scale: 0.5 },
      ],
      [Uint8Array, [1, 2, 3, 4], [2, 1]],
    ],
  ];
  for (const [x, expected] of cases) {
    const made = await dataset({ x, y: [0, 1] });
    expect(ofColumn(made, "x")).toEqual(expected);
    expect(made.rows).toBe(2);
  }
  const shaped = cases[4]![0];
  expect((await dataset({ x: shaped, y: [0, 1] })).columns.x!.scale).toBe(0.5);
});

test("a tensor that was disposed, holds text or cannot be read is refused with words", async () => {
  const tensor = { shape: [2], data: () => Promise.resolve(Float32Array.of(1, 2)) };
  const broken = { ...tensor, data: () => Promise.reject(new Error("lost")) };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...tensor, isDisposed: true }, /x is a tensor that was disposed/],
    [{ ...tensor, dtype: "string" }, /x is a tensor of string/],
    [{ ...tensor, dtype: "complex64" }, /x is a tensor of complex64/],
    [broken, /x is a tensor that cannot be read \(lost\)/],
    [{ ...tensor, shape: [] }, /its shape \[\] has no rows/],
    [[tensor, { ...tensor, isDisposed: true }], /x, row 1, is a tensor that was disposed/],
  ];
  for (const [x, message] of cases) {
    expect(await errorOf({ x, y: [0, 1] })).toMatchObject({
      kind: "BadData",
      message: expect.stringMatching(message),
    });
  }
  const { data: _data, ...rest } = tensor;
  const sync = { ...rest, dataSync: () => Float32Array.of(5, 6) };
  expect(ofColumn(await dataset({ x: sync as never, y: [0, 1] }), "x")[1]).toEqual([5, 6]);
});

test("columns have names where there are several, each with its own scale", async () => {
  const made = await dataset({
    x: { image: { data: Uint8Array.of(1, 2, 3, 4), shape: [2, 2], scale: 1 / 255 }, place: [7, 8] },
    y: { age: Float32Array.of(20.5, 30), kind: [0, 1] },
    sampleWeights: { kind: [1, 0.5] },
    classNames: { kind: ["cat", "dog"] },
    name: "pets",
  });
  expect(inputNames(made)).toEqual(["image", "place"]);
  expect(labelNames(made)).toEqual(["age", "kind"]);
  expect(made).toMatchObject({
    name: "pets",
    rows: 2,
    labels: ["age", "kind"],
    sampleWeights: { kind: "sampleWeights.kind" },
    classNames: { kind: ["cat", "dog"] },
  });
  expect(columnOf(made, "image")).toMatchObject({ shape: [2], scale: 1 / 255, offset: 0 });
  expect(ofColumn(made, "place")).toEqual([Float32Array, [7, 8], []]);
  expect(ofColumn(made, "kind")).toEqual([Int32Array, [0, 1], []]);
  expect(ofColumn(made, "sampleWeights.kind")).toEqual([Float32Array, [1, 0.5], []]);
  const one = await dataset({ x: { image: [1, 2] }, y: [0, 1], sampleWeights: [1, 2] });
  expect([inputNames(one), labelNames(one), one.sampleWeights]).toEqual([
    ["image"],
    ["y"],
    "sampleWeights",
  ]);
});

test("names, options and weights that do not go together are refused by name", async () => {
  const good = { x: [1, 2], y: [0, 1] };
  const two = { y: { a: [0, 1], b: [1, 0] } };
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /dataset: got undefined\. Give \{ x, y \}/],
    [{ ...good, scal: 2 }, /dataset: it knows no option scal\. Give x, y, sampleWeights/],
    [{ ...good, name: 7 }, /dataset: its name is 7/],
    [{ x: { y: [1, 2] }, y: [0, 1] }, /y names two columns/],
    [{ x: { a: [1, 2] }, y: { a: [0, 1] } }, /a names two columns/],
    [{ x: { a: [1, 2], b: [1, 2, 3] }, y: [0, 1] }, /a has 2 rows, but b has 3/],
    [{ ...good, x: { a: [1, 2] }, scale: 2 }, /x has columns by name, and scale and offset/],
    [{ ...good, x: { data: Uint8Array.of(1, 2), shape: [2], scale: 1 }, scale: 2 }, /Give it once/],
    [{ ...good, sampleWeights: [1, 2, 3] }, /x has 2 rows, but sampleWeights has 3/],
    [{ ...good, sampleWeights: [1, -2] }, /column sampleWeights weighs row 1 by -2/],
    [{ ...good, sampleWeights: [1, Number.NaN] }, /column sampleWeights holds NaN in row 1/],
    [
      { ...good, sampleWeights: [[1], [2]] },
      /sampleWeights weighs rows, but has \[1\] numbers a row/,
    ],
    [{ ...good, sampleWeights: { z: [1, 2] } }, /sampleWeights weighs z, but the labels are y/],
    [{ ...good, ...two, classNames: ["a", "b"] }, /classNames is one list for labels a, b/],
    [
      { ...good, ...two, classNames: { c: ["a"] } },
      /names the classes of c, but the labels are a, b/,
    ],
    [
      { ...good, ...two, classNames: { b: ["a"] } },
      /column b holds label 1 in row 0, but there are 1/,
    ],
    [{ ...good, classNames: "ab" }, /classNames is ab\. Give a list of names/],
    [{ ...good, classNames: ["a", 2] }, /classNames holds what is no text/],
  ];
  for (const [options, message] of cases) {
    const error = await errorOf(options);
    expect(error).toMatchObject({ name: "HoneError", message: expect.stringMatching(message) });
    expect((error as Error).message).toMatch(/^\[hone\] [^\n]+\.$/);
  }
});
