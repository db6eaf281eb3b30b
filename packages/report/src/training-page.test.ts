import type { PlainDataset } from "@hone/core";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { type TrainingReportRecord, trainingReportHtml } from "./html/index.js";
import { confusedPairs, findMistakes } from "./index.js";

const drawing = () => ({
  document: parseHTML("<!doctype html><html><body></body></html>").document,
});

/** Four pictures of 2×2 in three classes, of which two are right. */
const dataset: PlainDataset = {
  name: "tiny",
  rows: 4,
  columns: {
    x: {
      data: Uint8Array.from({ length: 16 }, (_, index) => 16 * index),
      shape: [2, 2],
      scale: 1,
      offset: 0,
    },
    y: { data: new Uint8Array([0, 1, 2, 2]), shape: [], scale: 1, offset: 0 },
  },
};
const judgement = {
  predicted: new Int32Array([0, 2, 0, 2]),
  outputs: new Float32Array([0.8, 0.1, 0.1, 0.2, 0.2, 0.6, 0.75, 0.125, 0.125, 0, 0, 1]),
};

test("the surest mistakes come first, with their pixels and how sure the model was", () => {
  const mistakes = findMistakes(dataset, judgement);
  expect(mistakes).toMatchObject({ width: 2, height: 2, total: 2 });
  expect(mistakes?.shown).toEqual([
    { row: 2, truth: 2, predicted: 0, confidence: 0.75, pixels: [128, 144, 160, 176] },
    { row: 1, truth: 1, predicted: 2, confidence: expect.closeTo(0.6), pixels: [64, 80, 96, 112] },
  ]);
  expect(findMistakes(dataset, judgement, 1)).toMatchObject({ total: 2, shown: [{ row: 2 }] });
});

test("outputs that are no probabilities give no confidence, and what is no picture no mistakes", () => {
  const logits = { ...judgement, outputs: judgement.outputs.map((value) => 3 * value) };
  expect(
    findMistakes(dataset, logits)?.shown.map(({ row, confidence }) => [row, confidence]),
  ).toEqual([
    [1, undefined],
    [2, undefined],
  ]);
  const { x, y } = dataset.columns;
  const flat = { ...dataset, columns: { x: { ...x, shape: [4] }, y } };
  expect(findMistakes(flat, judgement)).toBeUndefined();
  const regression = { ...dataset, columns: { x, y: { ...y, data: new Float32Array(4) } } };
  expect(findMistakes(regression, judgement)).toBeUndefined();
});

test("confused pairs come from the most frequent on, right answers left out", () => {
  const pairs = confusedPairs([
    [5, 3, 0],
    [0, 9, 1],
    [4, 0, 0],
  ]);
  expect(pairs).toEqual([
    { truth: 2, predicted: 0, count: 4, share: 1 },
    { truth: 0, predicted: 1, count: 3, share: 3 / 8 },
    { truth: 1, predicted: 2, count: 1, share: 0.1 },
  ]);
});

const record: TrainingReportRecord = {
  model: "cnn",
  parameters: 113_386,
  dataset: "tiny",
  synthetic: true,
  rows: { training: 1000, validation: 100, test: 4 },
  device: "wasm: WASM SIMD, 2 threads",
  why: "asked for",
  settings: { epochs: 2, optimizer: "adam", "learning rate": "0.001" },
  epochs: [
    { epoch: 1, loss: 2, accuracy: 0.25, validationLoss: 1.5, validationAccuracy: 0.5, seconds: 1 },
    {
      epoch: 2,
      loss: 1,
      accuracy: 0.5,
      validationLoss: 1.25,
      validationAccuracy: 0.75,
      seconds: 1.5,
    },
  ],
  stepLosses: [2.5, 2, 1.5, 1],
  classNames: ["a", "<b>", "c"],
};
const mistakes = findMistakes(dataset, judgement);
const result = {
  loss: 0.9,
  accuracy: 0.5,
  confusion: [
    [1, 0, 0],
    [0, 0, 1],
    [1, 0, 1],
  ],
  perClass: [
    { precision: 0.5, recall: 1, support: 1 },
    { precision: Number.NaN, recall: 0, support: 1 },
    { precision: 0.5, recall: 0.5, support: 2 },
  ],
  imagesPerSecond: 800,
  ...(mistakes && { mistakes }),
};

test("a page of a finished run holds settings, curves, confusion, classes and mistakes", () => {
  const page = trainingReportHtml({ ...record, result }, drawing());
  expect(page).not.toMatch(/NaN|undefined|<b>/);
  const { document } = parseHTML(page);
  const text = (selector: string) =>
    [...document.querySelectorAll(selector)].map((element) => element.textContent);
  expect(text("h2")).toEqual([
    "Curves",
    "What is taken for what",
    "Classes",
    "Mistakes",
    "Why this device",
    "Settings",
  ]);
  expect(text(".lead")).toEqual(["50.00 % of 4 synthetic test rows right after 2 epochs."]);
  expect(text(".note")[0]).toContain("synthetic");
  expect(text("dd")).toEqual(
    expect.arrayContaining(["113,386", "0.001", "50.00 %of 4 test rows", "2.5 s2 epochs"]),
  );
  // Two curves of two epochs each, for loss and for accuracy, and four steps.
  expect(document.querySelectorAll("svg.chart circle")).toHaveLength(12);
  expect(text("section:nth-of-type(3) tbody tr")[1]).toBe("<b>1–0.00 %–");
  expect(text(".images li")).toEqual(["is ctaken for a75.00 %", "is <b>taken for c60.00 %"]);
  expect(text("#part-mistakes p")[0]).toContain("All 2 mistakes");
  expect(text("#part-why-this-device p")).toEqual(["wasm: WASM SIMD, 2 threads: asked for."]);
  // What few readers want is there, and folded.
  expect(text("section > details > summary")).toEqual(["The epochs as a table", "Settings"]);
});

test("a device chosen by measuring is told with those that were not, and layers and machine with the run", () => {
  const candidates = [
    {
      name: "wasm",
      outcome: "chosen",
      reason: "fast <here>",
      figures: { stepMs: 2.5, totalMs: 60_000 },
    },
    { name: "cpu", outcome: "dropped", reason: "slow", figures: { totalMs: 200_000 } },
    { name: "webgpu", outcome: "refused", reason: "no adapter" },
  ];
  const layers = [{ name: "d", kind: "Dense", shape: "10", parameters: 7850 }];
  const machine = { cores: 2 };
  const page = trainingReportHtml(
    { ...record, candidates, layers, machine, date: "1 May 2026" },
    drawing(),
  );
  const { document } = parseHTML(page);
  const rows = [...document.querySelectorAll("#part-why-this-device tbody tr")];
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["wasm", "chosen", "2.5", "60", "fast <here>"],
    ["cpu", "dropped", "–", "over 200", "slow"],
    ["webgpu", "refused", "–", "–", "no adapter"],
  ]);
  expect(document.querySelector("#part-model tbody")?.textContent?.trim()).toBe("dDense107,850");
  expect(document.querySelector("#part-machine-and-date")?.textContent).toContain("1 May 2026");
});

test("a page before testing says so, and one of a regression has losses alone", () => {
  const before = parseHTML(trainingReportHtml(record, drawing())).document;
  expect(before.querySelector(".lead")?.textContent).toBe(
    "Not tested yet: the state after 2 epochs.",
  );
  expect(before.querySelectorAll("h2")).toHaveLength(3);
  const epochs = record.epochs.map((epoch) => ({
    ...epoch,
    accuracy: Number.NaN,
    validationAccuracy: null,
  }));
  const regression = { ...result, accuracy: Number.NaN, confusion: [], perClass: [] };
  const { mistakes: _, ...plain } = regression;
  const page = trainingReportHtml({ ...record, epochs, result: plain }, drawing());
  const { document } = parseHTML(page);
  expect(page).not.toMatch(/NaN|undefined/);
  expect(document.querySelector(".lead")?.textContent).toContain("A loss of 0.9000");
  expect([...document.querySelectorAll("figcaption")].map((title) => title.textContent)).toEqual([
    "Loss",
    "Loss of each step",
  ]);
});

test("a page of several outputs has a chart for each figure, and classes by output", () => {
  const figures = { loss: 3, age_loss: 2, kind_loss: 1, kind_acc: 0.5 };
  const validated = { val_loss: 4, val_age_loss: 2.5, val_kind_loss: 1.5, val_kind_acc: 0.25 };
  const epochs = record.epochs.map((epoch) => ({
    ...epoch,
    accuracy: Number.NaN,
    validationAccuracy: null,
    figures: { ...figures, ...validated },
    testFigures: { ...figures, kind_acc: 0.125 },
  }));
  const { mistakes: _, confusion, perClass, ...rest } = result;
  const none = { confusion: [], perClass: [] };
  const several = {
    ...rest,
    ...none,
    accuracy: Number.NaN,
    figures: { ...figures, kind_acc: 0.125 },
    byOutput: { age: none, kind: { confusion, perClass } },
  };
  const page = trainingReportHtml({ ...record, epochs, result: several }, drawing());
  expect(page).not.toMatch(/NaN|undefined/);
  const { document } = parseHTML(page);
  const text = (selector: string) =>
    [...document.querySelectorAll(selector)].map((element) => element.textContent);
  expect(text("figcaption").slice(0, 5)).toEqual([
    expect.stringMatching(/^Loss/),
    "age_loss",
    "kind_loss",
    "kind_acc",
    "Loss of each step",
  ]);
  expect(text("h2")).toEqual([
    "Curves",
    "What is taken for what: kind",
    "Classes: kind",
    "Why this device",
    "Settings",
  ]);
  expect(text("dt")).toEqual(expect.arrayContaining(["test loss", "test kind_acc"]));
  expect(text("dd")).toContain("12.50 %");
  expect(text("svg title")).toEqual(
    expect.arrayContaining(["validation: 25.00 % at epoch 1", "test: 12.50 % at epoch 1"]),
  );
});
