import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { type BenchmarkPageRow, benchmarkHtml } from "./html/index.js";

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const same = (median: number) => ({ median, least: 0.9 * median, most: 1.1 * median });
const common = { model: "cnn", dataset: "mnist", mode: "train", batchSize: 64 } as const;

const rows: readonly BenchmarkPageRow[] = [
  {
    ...common,
    engine: "cpu",
    outcome: "measured",
    verified: "3 losses within 1e-7",
    device: { description: "JavaScript, 32-bit" },
    summary: { imagesPerSecond: same(900) },
  },
  {
    ...common,
    engine: "wasm",
    outcome: "measured",
    verified: "3 losses within 2e-8",
    device: { description: "WASM SIMD" },
    rounds: [
      {
        evaluations: [
          { seconds: 1, accuracy: 0.97 },
          { seconds: 2, accuracy: 0.98 },
        ],
      },
    ],
    summary: { imagesPerSecond: same(25_000) },
  },
  { ...common, engine: "<mine>", outcome: "wrong", reason: "dense/bias is never updated" },
];

function page(given: readonly BenchmarkPageRow[]) {
  const record = { rows: given, machine: { cores: 2 }, method: ["By hand."], remarks: ["Noisy."] };
  return parseHTML(benchmarkHtml(record, { document })).document;
}

const texts = (found: Iterable<{ textContent: string | null }>) =>
  [...found].map(({ textContent }) => textContent);

test("the page names the fastest, draws every engine, and tells why a row has no figures", () => {
  const found = page(rows);
  expect(found.querySelector(".lead")?.textContent).toBe(
    "Fastest here: train cnn, batch 64: wasm, 25,000 images per second.",
  );
  expect(found.querySelectorAll("svg.hone-chart")).toHaveLength(2);
  const engines = texts(found.querySelectorAll("tbody th"));
  expect(engines.slice(0, 2)).toEqual(["wasm", "cpu"]);
  expect(found.body.textContent).toContain("wrong: dense/bias is never updated");
  expect(found.body.textContent).toContain("<mine>");
  expect(found.body.textContent).toContain("3 losses within 2e-8");
  expect(texts(found.querySelectorAll(".note"))).toEqual(["Noisy."]);
});

test("a benchmark without any figures is a page of reasons", () => {
  const found = page(rows.slice(2));
  expect(found.querySelector(".lead")?.textContent).toMatch(/No row has figures/);
  expect(found.querySelectorAll("svg.hone-chart")).toHaveLength(0);
});
