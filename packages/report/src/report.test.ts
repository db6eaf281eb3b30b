import { isHoneError } from "@hone/core";
import { expect, test } from "vitest";
import { confusionTable, curveText, historyTable, resultTable, sparkline } from "./index.js";

const FASHION = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

function matrix(classes: number, right: number, wrong: number): number[][] {
  return Array.from({ length: classes }, (_, truth) =>
    Array.from({ length: classes }, (_, prediction) => (truth === prediction ? right : wrong)),
  );
}

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

test("a confusion table shows counts, recall by row and precision by column", () => {
  const table = confusionTable(
    [
      [8, 2],
      [1, 9],
    ],
    ["cat", "dog"],
  );
  expect(`\n${table}\n`).toBe(`
true\\given    cat   dog   recall
───────────  ────  ────  ───────
cat             8     2  80.00 %
dog             1     9  90.00 %
precision %  88.9  81.8
`);
});

test("a class that is never predicted or never occurs has no figure instead of NaN", () => {
  const table = confusionTable([
    [5, 0],
    [0, 0],
  ]);
  expect(table).not.toContain("NaN");
  expect(table).toContain("–");
});

test("ten long class names fit 80 columns, each column headed by its class's number", () => {
  const table = confusionTable(matrix(10, 1000, 6000), FASHION);
  expect(widest(table)).toBeLessThanOrEqual(80);
  expect(table).toContain("9 Ankle bo…");
  expect(
    new Set(
      table
        .split("\n")
        .slice(2)
        .map((line) => [...line].length > 60),
    ).size,
  ).toBe(1);
});

test("ten digits are headed by their own names, once", () => {
  const table = confusionTable(matrix(10, 980, 2));
  expect(widest(table)).toBeLessThanOrEqual(80);
  expect(table.split("\n")[2]).toMatch(/^0 {2,}980/);
});

test("more classes than fit become a list with each class's most frequent mistake", () => {
  const confusion = matrix(100, 90, 0);
  (confusion[3] as number[])[7] = 10;
  const table = confusionTable(confusion);
  expect(widest(table)).toBeLessThanOrEqual(80);
  expect(table.split("\n")).toHaveLength(102);
  expect(table.split("\n")[5]).toMatch(/^3 +100 +90\.00 % +100\.00 % +7 \(10\)$/);
});

test("a matrix that is not square and names without a class are refused; a class without a name has its number", () => {
  for (const refused of [
    () => confusionTable([]),
    () => confusionTable([[1, 2]]),
    () => confusionTable(matrix(3, 1, 1), ["a", "b", "c", "d"]),
  ]) {
    expect(refused).toThrow(/^\[hone\] confusionTable: .+/);
    try {
      refused();
    } catch (error) {
      expect(isHoneError(error, "BadArgument")).toBe(true);
    }
  }
  const heads = confusionTable(matrix(3, 1, 1), ["a", "b"]).split("\n")[0];
  expect(heads?.trim().split(/ {2,}/)).toEqual(["true\\given", "a", "b", "2", "recall"]);
});

test("a sparkline spans its own range and marks what is not finite", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([3, 3])).toBe("▅▅");
  expect(sparkline([1, Number.NaN, 0])).toBe("█×▁");
  expect(sparkline([])).toBe("");
});

test("a long series is averaged down to the width, and a curve stays on one line", () => {
  const values = Array.from({ length: 200_000 }, (_, index) => 1 / (1 + index));
  expect([...sparkline(values, 60)]).toHaveLength(60);
  const line = curveText("validation loss", values);
  expect([...line].length).toBeLessThanOrEqual(80);
  expect(line).toMatch(/^validation loss {2}1 █.+\(from 5\.000e-6 to 1\)$/);
  expect(curveText("loss", [])).toBe("loss  no values");
});

test("a history table has a line an epoch and only the columns that were recorded", () => {
  expect(`\n${historyTable({ loss: [0.5123, 0.25], acc: [0.8, 0.91] })}\n`).toBe(`
epoch    loss  accuracy
─────  ──────  ────────
    1  0.5123   80.00 %
    2  0.2500   91.00 %
`);
  expect(historyTable({ history: { loss: [0.5123, 0.25], acc: [0.8, 0.91] } })).toBe(
    historyTable({ loss: [0.5123, 0.25], acc: [0.8, 0.91] }),
  );
  const full = historyTable({
    loss: [1],
    acc: [0.5],
    val_loss: [2],
    val_acc: [0.25],
    seconds: [1.25],
  });
  expect(full.split("\n")[0]).toBe(
    "epoch  loss  accuracy  validation loss  validation accuracy  seconds",
  );
});

test("a history table shows every figure, accuracies in percent, and goes on below when it is wide", () => {
  const figures = { kind_acc: [0.5], age_mae: [3.25], kind_precision: [Number.NaN] };
  const narrow = historyTable({ history: { loss: [1], ...figures }, seconds: [2] });
  expect(narrow.split("\n")[0]).toBe("epoch  loss  kind_acc  age_mae  kind_precision  seconds");
  expect(narrow.split("\n")[2]?.trim()).toMatch(/^1 +1 +50\.00 % +3\.250 +– +2\.0$/);
  const validation = Object.entries(figures).map(([name, values]) => [`val_${name}`, values]);
  const wide = historyTable({
    history: { loss: [1], ...figures, ...Object.fromEntries(validation) },
  });
  expect(widest(wide)).toBeLessThanOrEqual(80);
  const heads = wide.split("\n").filter((line) => line.startsWith("epoch"));
  expect(heads).toHaveLength(2);
  expect(heads.join("  ")).toContain("validation kind_precision");
});

test("a result table takes its columns from its rows and shows accuracies in percent", () => {
  const table = resultTable([
    { model: "cnn", dataset: "mnist", accuracy: 0.9892, "images/s": 1234567 },
    { model: "mlp", dataset: "digits (synthetic)", accuracy: 0.5, note: "short" },
  ]);
  expect(`\n${table}\n`).toBe(`
model  dataset             accuracy   images/s  note
─────  ──────────────────  ────────  ─────────  ─────
cnn    mnist                98.92 %  1,234,567
mlp    digits (synthetic)   50.00 %             short
`);
});
