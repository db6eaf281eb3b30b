import { expect, test } from "vitest";
import { modelCard, type TrainingReportRecord } from "./index.js";

const record: TrainingReportRecord = {
  model: "cnn",
  parameters: 7850,
  dataset: "tiny",
  synthetic: false,
  rows: { training: 1000, validation: 0, test: 8 },
  device: "wasm: WASM SIMD, 2 threads",
  why: "asked for",
  settings: { epochs: 1, optimizer: "adam", seed: 7 },
  epochs: [
    {
      epoch: 1,
      loss: 2,
      accuracy: 0.25,
      validationLoss: null,
      validationAccuracy: null,
      seconds: 3,
    },
  ],
  stepLosses: [2.5, 2],
  classNames: ["cat", "a|b <i>", "dog"],
  layers: [{ name: "dense_1", kind: "Dense", shape: "10", parameters: 7850 }],
  machine: { cores: 2 },
  date: "1 May 2026",
};
const result = {
  loss: 0.9,
  accuracy: 0.625,
  confusion: [
    [3, 0, 0],
    [2, 1, 0],
    [1, 0, 1],
  ],
  perClass: [
    { precision: 0.5, recall: 1, support: 3 },
    { precision: 1, recall: 1 / 3, support: 3 },
    { precision: Number.NaN, recall: 0.5, support: 2 },
  ],
  imagesPerSecond: 800,
};

test("a card tells data, settings, figures, the model, how it was made, and where it is weak", () => {
  const card = modelCard({ ...record, result });
  expect(card.match(/^#.*$/gm)).toEqual([
    "# cnn on tiny",
    "## Figures",
    "## Data",
    "## Settings",
    "## Model",
    "## How it was made",
    "## Limits",
  ]);
  expect(card).toContain("**62.50 %** of 8 test rows right after one epoch.");
  expect(card).toContain("| optimizer | adam |");
  expect(card).toContain("| dense\\_1 | Dense | 10 | 7,850 |");
  expect(card).toContain("| dog | 2 | – | 50.00 % |");
  expect(card).toContain("It is weakest on a\\|b \\<i\\> (33.33 % found), dog (50.00 % found).");
  expect(card).toContain("It most often takes a\\|b \\<i\\> for cat (2 times)");
  expect(card).toContain("of seed 7");
  expect(card).toContain("Nothing was held back for validation");
  expect(card).not.toMatch(/NaN|undefined/);
  expect(modelCard({ ...record, result })).toBe(card);
});

test("a card says that pictures were drawn by code, and before testing that nothing was tested", () => {
  const card = modelCard({ ...record, synthetic: true });
  expect(card).toContain("Not tested yet: the state after one epoch.");
  expect(card).toContain("* It was not tested.");
  expect(card).toContain("pictures drawn by code, and is of no use for real ones");
});

test("whatever names hold, each row of a table is one line with as many cells as its head", () => {
  const hostile = "x\n| y | [a](http://b) `c` <script>";
  const card = modelCard({
    ...record,
    result,
    model: hostile,
    dataset: hostile,
    why: hostile,
    classNames: [hostile],
    settings: { [hostile]: hostile },
  });
  const cells = (line: string) => line.split(/(?<!\\)\|/).length;
  for (const block of card.split("\n\n").filter((part) => part.startsWith("|"))) {
    const lines = block.split("\n");
    expect(new Set(lines.map(cells)).size, block).toBe(1);
  }
  expect(card).not.toMatch(/(?<!\\)<script|(?<!\\)\[a\]/);
});
