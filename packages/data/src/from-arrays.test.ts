import { expect, test } from "vitest";
import { type DatasetInput, dataset } from "./index.js";

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
  expect(made.columns.x).toEqual({ data: pixels, shape: [2, 2], scale: 1 / 255, offset: -0.5 });
  expect(made.columns.x.data).toBe(pixels);
  expect(made).toMatchObject({ name: "mine", rows: 2, classNames: ["no", "yes"] });
  expect(made.columns.y).toMatchObject({ shape: [], scale: 1, offset: 0 });
});

test("nested arrays become float32, and one whole number a row of y becomes labels", async () => {
  const made = await dataset({ x: [[[1, 2]], [[3, 4]], [[5, 6]]], y: [2, 0, 1] });
  expect(made.columns.x).toMatchObject({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2] });
  expect(made.columns.y.data).toEqual(Int32Array.of(2, 0, 1));
  const targets = await dataset({ x: [1, 2], y: [0.5, 1] });
  expect(targets.columns.y.data).toEqual(Float32Array.of(0.5, 1));
  const oneHot = await dataset({
    x: [1, 2],
    y: [
      [0, 1],
      [1, 0],
    ],
  });
  expect(oneHot.columns.y).toMatchObject({ data: Float32Array.of(0, 1, 1, 0), shape: [2] });
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
  expect(made.columns.x).toMatchObject({ data: Float32Array.of(1, 2, 3, 4), shape: [2] });
  expect(made.columns.y.data).toEqual(Int32Array.of(1, 0));
});

test("data that cannot be trained on is refused, naming column and row", async () => {
  const one = Float32Array.of(1, 2);
  const cases: readonly (readonly [DatasetInput, DatasetInput, RegExp])[] = [
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
    [Float64Array.of(1, 1e300), [0, 1], /column x holds Infinity in row 1/],
    [[[1, 2], [3]], [0, 1], /x holds 1 elements in row 1, where row 0 has 2 elements/],
    [[[1], [2, 3]], [0, 1], /x holds 2 elements in row 1/],
    [[1, [2]] as never, [0, 1], /x holds Array in row 1/],
    [["1", "2"] as never, [0, 1], /x holds a string in row 0/],
    [{ data: one, shape: [2, 3] }, [0, 1], /holds 2 elements, but its shape \[2, 3\] takes 6/],
    [{ data: one, shape: [] }, [0, 1], /has no rows/],
    [{ data: new Uint16Array(2) as never, shape: [2] }, [0, 1], /x is Uint16Array/],
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

test("whole floats, one a row, are labels: tf.tensor makes floats unless told otherwise", async () => {
  const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
  const labels = await dataset({ x, y: Float32Array.of(0, 7) });
  expect(labels.columns.y.data).toEqual(Int32Array.of(0, 7));
  const targets = await dataset({ x, y: Float32Array.of(0.5, 7) });
  expect(targets.columns.y.data).toEqual(Float32Array.of(0.5, 7));
});
