import type { Dataset } from "@hone/core";
import { mnist } from "@hone/data";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { explorationHtml } from "./html/index.js";
import { explorationText, exploreDataset } from "./index.js";

/** Three pictures of 2×2 bytes in two classes. */
function tiny(): Dataset {
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

const drawing = () => ({
  document: parseHTML("<!doctype html><html><body></body></html>").document,
});

test("counts, means, variances and samples are those of the pixels", () => {
  const found = exploreDataset({ train: tiny(), test: tiny() }, { name: "tiny", samples: 1 });
  expect(found).toMatchObject({ name: "tiny", synthetic: true, classNames: ["cat", "<dog>"] });
  expect(found.parts).toEqual([
    { name: "training", rows: 3, classCounts: [1, 2] },
    { name: "test", rows: 3, classCounts: [1, 2] },
  ]);
  const { values, images } = found;
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
  const { values, parts, images } = exploreDataset(await mnist());
  expect(values.mean * values.scale).toBeCloseTo(0.1307, 4);
  expect(values.standardDeviation * values.scale).toBeCloseTo(0.3081, 4);
  expect(parts.map(({ rows }) => rows)).toEqual([60_000, 10_000]);
  expect(parts[1]?.classCounts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  expect(images?.classes.map(({ samples }) => samples.length)).toEqual(Array(10).fill(8));
});

test("floats are explored as bytes are, and what is no picture has figures alone", () => {
  const { columns, ...rest } = tiny();
  const floats = Float32Array.from(columns.x.data, (value) => value / 255);
  const x = { data: floats, shape: [2, 2, 1], scale: 1, offset: 0 };
  const [bytes, same] = [tiny(), { ...rest, columns: { x, y: columns.y } }].map((train) =>
    exploreDataset({ train }),
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
  expect(found).toMatchObject({ classNames: [], parts: [{ rows: 3, classCounts: [] }] });
  expect(found.images).toBeUndefined();
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
  const page = explorationHtml(found, drawing(), "Made by a test.");
  const { document } = parseHTML(page);
  const alts = [...document.querySelectorAll("img")].map((image) => image.getAttribute("alt"));
  expect(alts).toEqual([
    ...["the mean of each pixel", "the variance of each pixel"],
    ...["cat, sample 1", "<dog>, sample 1", "<dog>, sample 2", "mean of cat", "mean of <dog>"],
  ]);
  expect(document.querySelector(".note")?.textContent).toContain("synthetic");
  expect(document.querySelector("footer")?.textContent).toBe("Made by a test.");
  expect(page).toBe(explorationHtml(found, drawing(), "Made by a test."));
});
