import type { Dataset, PlainDataset } from "@hone/core";
import { mnist } from "@hone/data";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { explorationHtml } from "./html/index.js";
import { type Exploration, type ExploredInput, explorationText, exploreDataset } from "./index.js";

/** Three pictures of 2×2 bytes in two classes. */
function tiny(): PlainDataset {
  return {
    name: "tiny train",
    rows: 3,
    columns: {
      x: {
        data: new Uint8Array([0, 255, 0, 0, 0, 55, 0, 8, 100, 0, 0, 0]),
        shape: [2, 2],
        scale: 1 / 255,
        offset: 0,
      },
      y: { data: new Uint8Array([1, 1, 0]), shape: [], scale: 1, offset: 0 },
    },
    classNames: ["cat", "<dog>"],
    synthetic: true,
  };
}

function inputOf({ inputs }: Exploration): ExploredInput {
  expect(inputs.map(({ name }) => name)).toEqual(["x"]);
  return inputs[0] as ExploredInput;
}

const drawing = () => ({
  document: parseHTML("<!doctype html><html><body></body></html>").document,
});

test("counts, means, variances and samples are those of the pixels", () => {
  const found = exploreDataset({ train: tiny(), test: tiny() }, { name: "tiny", samples: 1 });
  expect(found).toMatchObject({ name: "tiny", synthetic: true, weights: [] });
  expect(found.parts).toEqual([
    { name: "training", rows: 3 },
    { name: "test", rows: 3 },
  ]);
  const classCounts = [
    [1, 2],
    [1, 2],
  ];
  expect(found.labels).toEqual([
    { name: "y", kind: "uint8", shape: [], classNames: ["cat", "<dog>"], classCounts },
  ]);
  const { values, images } = inputOf(found);
  const pixels = [0, 255, 0, 0, 0, 55, 0, 8, 100, 0, 0, 0];
  const mean = pixels.reduce((sum, value) => sum + value, 0) / 12;
  const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12;
  expect(values.mean).toBeCloseTo(mean, 10);
  expect(values.standardDeviation).toBeCloseTo(Math.sqrt(variance), 10);
  expect(values).toMatchObject({ least: 0, largest: 255, zeroShare: 8 / 12 });
  expect(values.histogram).toMatchObject({ from: 0, to: 256 });
  const { counts } = values.histogram;
  expect([counts[0], counts[1], counts[6], counts[12], counts[31]]).toEqual([8, 1, 1, 1, 1]);
  expect(images).toMatchObject({ width: 2, height: 2, mean: [33.33, 103.33, 0, 2.67] });
  expect(images?.variance[0]).toBeCloseTo((2 * 100 ** 2) / 9, 2);
  expect(images?.classes).toEqual([
    { name: "cat", mean: [100, 0, 0, 0], samples: [[100, 0, 0, 0]] },
    { name: "<dog>", mean: [0, 155, 0, 4], samples: [[0, 255, 0, 0]] },
  ]);
});

test("MNIST has the mean and deviation that everyone knows", async () => {
  const found = exploreDataset(await mnist());
  const { values, images } = inputOf(found);
  const { parts, labels } = found;
  expect(values.mean * values.scale).toBeCloseTo(0.1307, 4);
  expect(values.standardDeviation * values.scale).toBeCloseTo(0.3081, 4);
  expect(parts.map(({ rows }) => rows)).toEqual([60_000, 10_000]);
  expect(labels[0]?.classCounts[1]).toEqual([
    980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
  ]);
  expect(images?.classes.map(({ samples }) => samples.length)).toEqual(Array(10).fill(8));
});

test("floats are explored as bytes are, and what is no picture has figures alone", () => {
  const { columns, ...rest } = tiny();
  const floats = Float32Array.from(columns.x.data, (value) => value / 255);
  const x = { data: floats, shape: [2, 2, 1], scale: 1, offset: 0 };
  const [bytes, same] = [tiny(), { ...rest, columns: { x, y: columns.y } }].map((train) =>
    inputOf(exploreDataset({ train })),
  );
  expect(same?.values.mean).toBeCloseTo((bytes?.values.mean as number) / 255, 6);
  expect(same?.images?.mean).toEqual(bytes?.images?.mean);
  expect(same?.images?.classes[1]?.samples).toEqual(bytes?.images?.classes[1]?.samples);
  const regression: Dataset = {
    name: "line",
    rows: 3,
    columns: {
      x: { ...x, shape: [4] },
      y: { data: new Float32Array(3), shape: [], scale: 1, offset: 0 },
    },
  };
  const found = exploreDataset({ train: regression });
  expect(found).toMatchObject({ labels: [{ classNames: [], classCounts: [[]] }] });
  expect(inputOf(found).images).toBeUndefined();
  expect(explorationText(found)).toContain("line: 3 training rows of 4");
  expect(explorationHtml(found, drawing())).not.toMatch(/NaN|undefined|Infinity/);
});

test("the text names counts, figures and classes, and says what is synthetic", () => {
  const text = explorationText(exploreDataset({ train: tiny() }, { name: "tiny" }));
  expect(`\n${text}\n`).toBe(`
Data       tiny (synthetic, drawn by code): 3 training rows of 2×2
Values     from 0 to 255
Mean       34.83 (0.1366 as the model sees it)
Deviation  72.77 (0.2854 as the model sees it)
Zero       66.67 % of all values

class  training
─────  ────────
cat           1
<dog>         2
`);
});

test("the page has a picture for each sample, each mean, and the variance", () => {
  const found = exploreDataset({ train: tiny(), test: tiny() });
  const page = explorationHtml(found, drawing(), { madeBy: "Made by a test.", date: "today" });
  const { document } = parseHTML(page);
  const alts = [...document.querySelectorAll("img")].map((image) => image.getAttribute("alt"));
  expect(alts).toEqual([
    ...["the mean of each pixel", "the variance of each pixel"],
    ...["cat, sample 1", "<dog>, sample 1", "<dog>, sample 2", "mean of cat", "mean of <dog>"],
  ]);
  expect(document.querySelector(".note")?.textContent).toContain("synthetic");
  expect(document.querySelector("footer")?.textContent).toBe("Made by a test.");
  expect(page).toBe(
    explorationHtml(found, drawing(), { madeBy: "Made by a test.", date: "today" }),
  );
});

/** The three pictures beside two numbers each; their kinds, an age, and what each row counts. */
function several(): Dataset {
  const { x, y } = tiny().columns;
  const float = (values: readonly number[], shape: readonly number[] = []) => ({
    data: Float32Array.from(values),
    shape,
    scale: 1,
    offset: 0,
  });
  return {
    name: "pets",
    rows: 3,
    columns: {
      image: x,
      place: float([1, 2, 3, 4, 5, 6], [2]),
      kind: { ...y, data: Float32Array.from(y.data), shape: [1] },
      age: float([2, 7, 3]),
      trust: float([1, 1, 0.5]),
    },
    labels: ["kind", "age"],
    sampleWeights: "trust",
    classNames: { kind: ["cat", "<dog>"] },
  };
}

test("of several columns each is named with its kind and shape, and each label with its classes", () => {
  const found = exploreDataset({ train: several() });
  expect(found.labels.map(({ classCounts }) => classCounts)).toEqual([[[1, 2]], [[]]]);
  expect(found.inputs[0]?.images?.classes[1]?.mean).toEqual([0, 155, 0, 4]);
  expect(found.inputs[1]?.values).toMatchObject({ mean: 3.5, least: 1, largest: 6 });
  expect(`\n${explorationText(found)}\n`).toBe(`
Data       pets: 3 training rows

column  role                kind     shape
──────  ──────────────────  ───────  ─────────
image   input               uint8    2×2
place   input               float32  2
kind    label of 2 classes  float32  1
age     label               float32  one value
trust   weight              float32  one value

Input      image
Values     from 0 to 255
Mean       34.83 (0.1366 as the model sees it)
Deviation  72.77 (0.2854 as the model sees it)
Zero       66.67 % of all values

Input      place
Values     from 1 to 6
Mean       3.500
Deviation  1.708
Zero       0.00 % of all values

kind   training
─────  ────────
cat           1
<dog>         2
`);
  const { document } = parseHTML(explorationHtml(found, drawing()));
  const headings = [...document.querySelectorAll("h2")].map((heading) => heading.textContent);
  expect(headings).toEqual([
    ...["Columns", "Values of image", "Values of place", "Classes of kind"],
    ...["Samples of image", "Mean of each class of image"],
  ]);
});

test("whole numbers that name no class are no classes", () => {
  const plain = tiny();
  const prices = { ...plain.columns.y, data: Int32Array.of(5, 2_000_000_000, 7) };
  const { classNames: _names, ...rest } = plain;
  const train = { ...rest, columns: { x: plain.columns.x, y: prices } };
  expect(exploreDataset({ train }).labels).toMatchObject([{ classNames: [], classCounts: [[]] }]);
  const below = {
    ...train,
    columns: { x: plain.columns.x, y: { ...prices, data: Int32Array.of(-1, 0, 1) } },
  };
  expect(exploreDataset({ train: below }).labels[0]?.classNames).toEqual([]);
});
