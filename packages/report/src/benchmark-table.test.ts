import { expect, test } from "vitest";
import { type BenchmarkTableRow, benchmarkTable } from "./index.js";

const same = (median: number) => ({ median, least: median, most: median });
const common = { model: "cnn", dataset: "mnist", mode: "train", batchSize: 64 } as const;

const rows: readonly BenchmarkTableRow[] = [
  { ...common, engine: "cpu", outcome: "measured", summary: { imagesPerSecond: same(987.65) } },
  {
    ...common,
    engine: "wasm",
    variant: "2 threads",
    outcome: "measured",
    summary: {
      imagesPerSecond: { median: 25_779, least: 24_000.4, most: 26_000 },
      stepP50Ms: same(2.4821),
      stepP95Ms: same(3),
      timesToAccuracy: [
        { accuracy: 0.98, reached: 5, rounds: 5, seconds: same(3.21) },
        { accuracy: 0.99, reached: 1, rounds: 5 },
      ],
      finalAccuracy: same(0.9907),
      processBytes: same(181_234_567),
    },
  },
  {
    ...common,
    engine: "tfjs-wasm",
    outcome: "cannot",
    reason: "the device lacks Conv2DBackpropFilter",
    hint: "Choose another backend",
  },
  { ...common, engine: "mine", outcome: "wrong", reason: "dense/bias is never updated" },
];

test("figures have a column each, from fast to slow, and what has none says why below", () => {
  expect(`\n${benchmarkTable(rows)}\n`).toBe(`
task       batch  engine           images/s            range  step p50 ms
─────────  ─────  ───────────────  ────────  ───────────────  ───────────
train cnn     64  wasm, 2 threads    25,779  24,000 – 26,000         2.48
train cnn     64  cpu                   988

task       batch  engine           p95 ms  to 98 % s  to 99 % s  accuracy
─────────  ─────  ───────────────  ──────  ─────────  ─────────  ────────
train cnn     64  wasm, 2 threads       3       3.21    – (1/5)   99.07 %
train cnn     64  cpu

task       batch  engine           process MB
─────────  ─────  ───────────────  ──────────
train cnn     64  wasm, 2 threads         181
train cnn     64  cpu

train cnn, batch 64, tfjs-wasm: cannot: the device lacks Conv2DBackpropFilter. Choose another backend
train cnn, batch 64, mine: wrong: dense/bias is never updated
`);
});

test("rows of two data sets are told apart, and a table without figures is only its reasons", () => {
  const both = [rows[0]!, { ...rows[0]!, dataset: "fashion-mnist" }];
  expect(benchmarkTable(both)).toMatch(/train cnn mnist .*\n.*train cnn fashion-mnist /);
  expect(benchmarkTable(rows.slice(3))).toBe(
    "train cnn, batch 64, mine: wrong: dense/bias is never updated",
  );
});
