import { expect, test } from "vitest";
import { type Column, type Dataset, split, takeRows, validateDataset } from "./dataset.js";

const column = (data: Column["data"], shape: readonly number[] = []): Column => ({
  data,
  shape,
  scale: 1,
  offset: 0,
});

/** Ten rows of two features, labels 0 to 2. */
function tenRows(change: Partial<Dataset> = {}): Dataset {
  return {
    name: "ten",
    rows: 10,
    columns: {
      x: column(
        Float32Array.from({ length: 20 }, (_, index) => index),
        [2],
      ),
      y: column(Uint8Array.from({ length: 10 }, (_, index) => index % 3)),
    },
    classNames: ["a", "b", "c"],
    ...change,
  };
}

test("rows are taken as views of the same memory", () => {
  const all = tenRows();
  const taken = takeRows(all, 3, 5);
  expect(taken.rows).toBe(2);
  expect([...taken.columns.x.data]).toEqual([6, 7, 8, 9]);
  expect([...taken.columns.y.data]).toEqual([0, 1]);
  expect(taken.columns.x.data.buffer).toBe(all.columns.x.data.buffer);
  expect(taken.classNames).toEqual(["a", "b", "c"]);
});

test("rows outside the set are refused", () => {
  for (const [start, end] of [
    [-1, 5],
    [0, 11],
    [4, 4],
    [0, 1.5],
    [Number.NaN, 3],
  ] as const) {
    expect(() => takeRows(tenRows(), start, end)).toThrow(
      /^\[hone\] takeRows: .+ which has 10 rows/,
    );
  }
});

test("a split gives the last rows to validation, cut where tfjs cuts", () => {
  const { train, validation } = split(tenRows(), 0.25);
  expect([train.rows, validation.rows]).toEqual([7, 3]);
  expect([...validation.columns.y.data]).toEqual([1, 2, 0]);
  for (const fraction of [0, 1, -0.5, 0.99, Number.NaN]) {
    expect(() => split(tenRows(), fraction)).toThrow(/^\[hone\] split: /);
  }
});

test("a set whose fields disagree is refused, naming column and row", () => {
  validateDataset(tenRows());
  const { x, y } = tenRows().columns;
  const spoiled = x.data.slice();
  spoiled[13] = Number.NaN;
  const cases: readonly (readonly [Dataset, RegExp])[] = [
    [tenRows({ rows: 0 }), /has 0 rows/],
    [tenRows({ rows: 9 }), /column x holds 20 elements, but 9 rows of shape \[2\] need 18/],
    [tenRows({ columns: { x, y: column(new Uint8Array(9)) } }), /column y holds 9 elements/],
    [
      tenRows({ columns: { x: column(spoiled, [2]), y } }),
      /column x holds NaN in row 6 \(element 1/,
    ],
    [tenRows({ columns: { x: { ...x, scale: Number.NaN }, y } }), /scale NaN/],
    [tenRows({ columns: { x: column(new Uint8Array(0), [0]), y } }), /rows of shape \[0\]/],
    [tenRows({ classNames: ["a", "b"] }), /label 2 in row 2, but there are 2 classes/],
  ];
  for (const [dataset, message] of cases) {
    expect(() => validateDataset(dataset)).toThrow(message);
    expect(() => validateDataset(dataset)).toThrow(/^\[hone\] data set "ten": [^\n]+\.$/);
  }
});

test("large finite numbers whose sum overflows are accepted", () => {
  const large = new Float32Array(20).fill(3.4e38);
  validateDataset(tenRows({ columns: { x: column(large, [2]), y: tenRows().columns.y } }));
});

test.each([undefined, null, {}, { columns: {} }, [1, 2]])(
  "%o is no data set, and said to be none",
  (given) => {
    expect(() => validateDataset(given as never)).toThrow(
      /^\[hone\] data set: got \w+ without columns x and y/,
    );
  },
);
