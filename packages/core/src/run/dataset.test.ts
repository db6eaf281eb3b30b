import { expect, test } from "vitest";
import {
  type Column,
  classNamesOf,
  columnOf,
  type Dataset,
  holdsWholeNumbers,
  inputNames,
  isLabelColumn,
  labelNames,
  type PlainDataset,
  soleInput,
  soleLabels,
  split,
  takeRows,
  validateDataset,
  validateLabels,
} from "./dataset.js";

const column = (data: Column["data"], shape: readonly number[] = []): Column => ({
  data,
  shape,
  scale: 1,
  offset: 0,
});

/** Ten rows of two features, labels 0 to 2. */
function tenRows(change: Partial<PlainDataset> = {}): PlainDataset {
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
  const withX = (change: object) => tenRows({ columns: { x: { ...x, ...change } as Column, y } });
  const detached = new Float32Array(20);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
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
    [withX({ shape: undefined }), /column x has no list of sizes as its shape/],
    [withX({ shape: 2 }), /column x has no list of sizes as its shape/],
    [withX({ scale: undefined }), /column x has scale undefined and offset 0/],
    [withX({ offset: "1" }), /column x has scale 1 and offset 1/],
    [
      withX({ data: new Float64Array(20) }),
      /column x holds Float64Array\. Give a Uint8Array, Int32Array/,
    ],
    [withX({ data: new DataView(new ArrayBuffer(20)) }), /column x holds DataView/],
    [withX({ data: new Uint8ClampedArray(20) }), /column x holds Uint8ClampedArray/],
    [withX({ data: Array.from({ length: 20 }, () => 1) }), /column x holds Array/],
    [withX({ data: undefined }), /column x holds undefined/],
    [withX({ data: detached }), /column x holds 0 elements \(its memory is empty, or was moved/],
    [tenRows({ columns: { x: null as never, y } }), /column x is null\. Give \{ data, shape/],
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
      /^\[hone\] data set: got \w+ without columns/,
    );
  },
);

test("a Buffer and shared memory are stored as they are", () => {
  const y = tenRows().columns.y;
  for (const data of [Buffer.alloc(20), new Float32Array(new SharedArrayBuffer(80))]) {
    const made = tenRows({ columns: { x: column(data, [2]), y } });
    validateDataset(made);
    expect(takeRows(made, 1, 3).columns.x.data.buffer).toBe(data.buffer);
  }
});

/** Two inputs, two labels, and weights for one of them. */
function several(change: Partial<Dataset> = {}): Dataset {
  const numbers = (length: number) => Float32Array.from({ length }, (_, index) => index);
  return {
    name: "several",
    rows: 4,
    columns: {
      image: column(new Uint8Array(16), [2, 2]),
      age: column(numbers(4)),
      weight: column(numbers(4)),
      place: column(numbers(8), [2]),
      kind: column(Int32Array.of(0, 1, 2, 1)),
    },
    labels: ["age", "kind"],
    sampleWeights: { age: "weight" },
    classNames: { kind: ["a", "b", "c"] },
    ...change,
  };
}

test("columns are inputs unless they are named as labels or weights", () => {
  expect(inputNames(several())).toEqual(["image", "place"]);
  expect(labelNames(several())).toEqual(["age", "kind"]);
  expect(inputNames(several({ sampleWeights: "place" }))).toEqual(["image", "weight"]);
  expect([inputNames(tenRows()), labelNames(tenRows())]).toEqual([["x"], ["y"]]);
  expect(columnOf(several(), "place").shape).toEqual([2]);
  expect(() => columnOf(several(), "toString")).toThrow(
    /^\[hone\] data set "several": it has no column toString, but image, age, weight, place, kind\. /,
  );
});

test("what takes one input or one label column refuses several, and names them", () => {
  const all = tenRows();
  expect(soleInput(all, "explore")).toBe(all.columns.x);
  expect(soleLabels(all, "explore")).toBe(all.columns.y);
  const named = {
    ...all,
    columns: { image: all.columns.x, kind: all.columns.y },
    labels: ["kind"],
  };
  expect(soleInput(named, "explore")).toBe(all.columns.x);
  expect(soleLabels(named, "explore")).toBe(all.columns.y);
  expect(() => soleInput(several(), "explore")).toThrow(
    /^\[hone\] explore: data set "several" has 2 input columns \(image, place\), but one is taken here\. /,
  );
  expect(() => soleLabels(several(), "explore")).toThrow(/has 2 label columns \(age, kind\)/);
});

test("class names are of the only label column, or of the one that is named", () => {
  expect(classNamesOf(tenRows())).toEqual(["a", "b", "c"]);
  expect(classNamesOf(tenRows(), "y")).toEqual(["a", "b", "c"]);
  expect(classNamesOf(tenRows(), "x")).toBeUndefined();
  expect(classNamesOf(several(), "kind")).toEqual(["a", "b", "c"]);
  expect(classNamesOf(several(), "age")).toBeUndefined();
  expect(classNamesOf(several())).toBeUndefined();
});

test("rows of every column are taken, and labels and weights stay what they are", () => {
  const taken = takeRows(several(), 1, 3);
  expect(Object.values(taken.columns).map(({ data }) => [...data])).toEqual([
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 2],
    [1, 2],
    [2, 3, 4, 5],
    [1, 2],
  ]);
  expect(taken).toMatchObject({
    rows: 2,
    labels: ["age", "kind"],
    sampleWeights: { age: "weight" },
  });
  const { train, validation } = split(several(), 0.25);
  expect([...columnOf(train, "age").data, ...columnOf(validation, "age").data]).toEqual([
    0, 1, 2, 3,
  ]);
  const short = { ...several(), rows: 3 };
  expect(() => takeRows(short, 0, 3)).toThrow(/column image holds 16 elements, but 3 rows/);
});

const withoutLabels = ({ labels: _labels, ...rest }: Dataset): Dataset => rest;

test("a data set may say that it has no labels", () => {
  const { sampleWeights: _weights, classNames: _names, ...bare } = several({ labels: [] });
  validateDataset(bare);
  expect(labelNames(bare)).toEqual([]);
  expect(inputNames(bare)).toContain("kind");
});

test("names that do not fit are refused", () => {
  validateDataset(several());
  const { kind: _kind, ...rest } = several().columns;
  const kind = columnOf(several(), "kind");
  const cases: readonly (readonly [Dataset, RegExp])[] = [
    [several({ labels: ["age", "size"] }), /it has no column size, but image, age/],
    [several({ labels: ["age", "age"] }), /labels names column age twice/],
    [
      withoutLabels(several()),
      /of its columns image, age, weight, place, kind none is a label\. Name one y/,
    ],
    [several({ labels: "age" as never }), /labels is no list of column names/],
    [
      several({ labels: Object.keys(several().columns), sampleWeights: {} }),
      /none goes into a model/,
    ],
    [several({ columns: rest }), /it has no column kind/],
    [several({ sampleWeights: "heft" }), /it has no column heft/],
    [several({ sampleWeights: "age" }), /column age is both a label and a weight/],
    [
      several({ sampleWeights: { place: "weight" } }),
      /sampleWeights weighs place, but the labels are/,
    ],
    [several({ sampleWeights: 3 as never }), /sampleWeights is 3\. Give/],
    [
      several({ sampleWeights: "image" }),
      /column image weighs rows, but has \[2,2\] numbers a row/,
    ],
    [
      several({ columns: { ...rest, kind, weight: column(Int32Array.of(1, 2, -1, 0)) } }),
      /weighs row 2 by -1/,
    ],
    [several({ classNames: { kind: ["a", "b"] } }), /column kind holds label 2 in row 2/],
  ];
  for (const [given, message] of cases) {
    expect(() => validateDataset(given)).toThrow(message);
    expect(() => validateDataset(given)).toThrow(/^\[hone\] data set "several": [^\n]+\.$/);
  }
});

test("labels are whole numbers one a row, as integers or as floats, and are held to the classes", () => {
  const floats = (values: readonly number[], shape: readonly number[] = []) =>
    column(Float32Array.from(values), shape);
  expect(
    [column(Int32Array.of(1), [1]), column(Uint8Array.of(1, 2), [2])].map(isLabelColumn),
  ).toEqual([true, false]);
  expect(
    [floats([0, 2], [1]), floats([0.5, 1]), floats([1, 0], [2])].map(holdsWholeNumbers),
  ).toEqual([true, false, false]);
  const x = column(new Uint8Array(2));
  const labelled = (y: Column): Dataset => ({ name: "two", rows: 2, columns: { x, y } });
  validateLabels(labelled(floats([0, 2], [1])), 3);
  expect(() => validateLabels(labelled(floats([0, 2])), 2)).toThrow(
    /column y holds label 2 in row 1, but there are 2 classes, 0 to 1/,
  );
  expect(() => validateLabels(labelled(floats([0, 1.5])), 2)).toThrow(
    /column y holds label 1.5 in row 1, but classes are whole numbers/,
  );
  expect(() => validateLabels(several(), 3)).toThrow(/has 2 label columns/);
  validateLabels(several(), 3, "kind");
  expect(() => validateLabels(several(), 2, "kind")).toThrow(/column kind holds label 2 in row 2/);
});

test("options that neither takeRows nor split knows are refused by name", () => {
  const [take, cut] = [takeRows, split] as unknown as ((...given: unknown[]) => Dataset)[];
  expect(() => take!(tenRows(), 0, 5, { shuffle: true })).toThrow(
    /^\[hone\] takeRows: it knows no option shuffle\. /,
  );
  expect(() => cut!(tenRows(), 0.5, { stratify: true })).toThrow(
    /^\[hone\] split: it knows no option stratify\. /,
  );
  expect(() => cut!(tenRows(), { fraction: 0.5 })).toThrow(/a fraction of \{"fraction":0.5\}/);
});
