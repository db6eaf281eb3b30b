/** Columns of pictures. What each form of picture becomes is told in core; here, how data sets are made of them. */
import { columnOf, pictures } from "@hone/core";
import { expect, test } from "vitest";
import { type DatasetOptions, dataset } from "./index.js";

const picture = (width: number, height: number, first: number) => ({
  data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, at) =>
    at % 4 === 3 ? 255 : first + at,
  ),
  width,
  height,
});
const two = [picture(3, 2, 10), picture(3, 2, 100)];
const y = [0, 1];

test("pictures of one size are a column of their red, green and blue", async () => {
  const made = await dataset({ x: two, y });
  const x = columnOf(made, "x");
  expect(made.rows).toBe(2);
  expect(x).toMatchObject({ shape: [2, 3, 3], scale: 1, offset: 0 });
  expect([...x.data.subarray(0, 6)]).toEqual([10, 11, 12, 14, 15, 16]);
  expect([...x.data.subarray(18, 21)]).toEqual([100, 101, 102]);
  const alone = await dataset({ x: two[0]!, y: [1] });
  expect(alone.rows).toBe(1);
  expect(columnOf(alone, "x").data).toEqual(x.data.subarray(0, 18));
});

test("size, channels, fit and background are those of `pictures`, beside scale and offset", async () => {
  const form = { size: [4, 6], channels: 1, fit: "contain", background: [9, 9, 9] } as const;
  const given = [picture(3, 3, 10), picture(5, 2, 100)];
  const made = await dataset({ x: given, y, scale: 1 / 255, offset: -0.5, ...form });
  const { data } = await pictures(given, form);
  expect(columnOf(made, "x")).toEqual({ data, shape: [4, 6, 1], scale: 1 / 255, offset: -0.5 });
});

test("columns by name take pictures, and what `pictures` has made of them, which brings its scale", async () => {
  const image = await pictures(two, { size: [1, 1], scale: 1 / 255 });
  const made = await dataset({ x: { image, whole: two, place: [1, 2] }, y });
  expect(columnOf(made, "image")).toMatchObject({
    data: image.data,
    shape: [1, 1, 3],
    scale: 1 / 255,
  });
  expect(columnOf(made, "whole")).toMatchObject({ shape: [2, 3, 3], scale: 1 });
  expect((await dataset({ x: [1, 2], y: two })).columns.y).toMatchObject({ shape: [2, 3, 3] });
});

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  [
    "sizes that differ",
    { x: [picture(3, 2, 1), picture(2, 2, 1)] },
    /column x: picture 1 has 2 × 2 .*size: \[height, width\]/,
  ],
  [
    "numbers among them",
    { x: [two[0], [1, 2]] },
    /column x: picture 1 is an Array which is no picture/,
  ],
  [
    "a size for numbers",
    { x: [1, 2], size: [2, 2] },
    /x holds no pictures, and size is of pictures alone/,
  ],
  [
    "channels for columns by name",
    { x: { image: two }, channels: 1 },
    /x has columns by name, and channels is of pictures alone\. .*await pictures\(…, \{ channels \}\)/,
  ],
  ["a size that is none", { x: two, size: [0, 2] }, /size is a list\. Give \[height, width\]/],
  ["other counts", { x: two, y: [1] }, /x has 2 rows, but y has 1/],
];

test.each(REFUSED)("%s are refused, naming the column", async (_, options, said) => {
  const refused = dataset({ y, ...options } as unknown as DatasetOptions);
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toThrow(/^\[hone\] data set "data"/);
});
