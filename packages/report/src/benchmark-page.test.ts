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

function page(given: readonly BenchmarkPageRow[], hone: readonly string[] = []) {
  const record = {
    rows: given,
    hone,
    machine: { cores: 2 },
    method: ["By hand."],
    remarks: ["Noisy."],
  };
  return parseHTML(benchmarkHtml(record, { document })).document;
}

const texts = (found: Iterable<{ textContent: string | null }>) =>
  [...found].map(({ textContent }) => textContent);

test("the page names the fastest, draws every engine, and tells why a row has no figures", () => {
  const found = page(rows);
  expect(found.querySelector(".lead")?.textContent).toBe(
    "2 of 3 rows have figures. Every answer was checked before it was timed.",
  );
  expect(found.querySelectorAll("svg.chart")).toHaveLength(2);
  const engines = texts(found.querySelectorAll("tbody th"));
  expect(engines.slice(0, 2)).toEqual(["wasm", "cpu"]);
  expect(found.body.textContent).toContain("wrong: dense/bias is never updated");
  expect(found.body.textContent).toContain("<mine>");
  expect(found.body.textContent).toContain("3 losses within 2e-8");
  expect(texts(found.querySelectorAll(".note"))).toEqual(["Noisy."]);
});

test("Hone's rows and the others' have colours of their own, and ratios to the fastest of the others", () => {
  const rival: BenchmarkPageRow = {
    ...common,
    engine: "other",
    outcome: "measured",
    verified: "3 losses within 1e-6",
    summary: { imagesPerSecond: same(5000) },
  };
  const found = page([...rows, rival], ["wasm", "cpu"]);
  const lines = [...found.querySelectorAll("#part-train-cnn-batch-64 tbody tr")];
  expect(lines.map(({ className }) => className)).toEqual(["strong hone", "rival", "hone"]);
  expect(lines.map((line) => line.querySelectorAll("td")[1]?.textContent)).toEqual([
    "5.0×",
    "1.0×",
    "0.18×",
  ]);
  expect(texts(found.querySelectorAll(".legend li")).slice(0, 2)).toEqual(["Hone", "others"]);
  expect(texts(found.querySelectorAll(".results dd"))).toEqual([
    "25,000images per second on wasm; 5.0× other",
  ]);
  const fills = new Set(
    [...found.querySelectorAll("svg.chart circle")].map((dot) => dot.getAttribute("fill")),
  );
  expect([...fills]).toEqual(expect.arrayContaining(["var(--accent)", "var(--rival)"]));
});

test("what is said of the answers is what the rows say of theirs", () => {
  const unchecked = rows.map((row): BenchmarkPageRow => {
    const { verified: _, ...rest } = row;
    return row.engine === "wasm" ? rest : row;
  });
  const some = page(unchecked);
  expect(some.querySelector(".lead")?.textContent).toBe(
    "2 of 3 rows have figures. 1 of 2 answers were checked before they were timed; which were not stands below.",
  );
  expect(some.body.textContent).toContain("not checked");
  const none = page(rows.map((row) => ({ ...row, verified: "" })));
  expect(none.querySelector(".lead")?.textContent).toContain("No answer was checked");
  expect(page(rows).body.textContent).not.toContain("not checked");
});

test("a benchmark without any figures is a page of reasons", () => {
  const found = page(rows.slice(2));
  expect(found.querySelector(".lead")?.textContent).toMatch(/No row has figures/);
  expect(found.querySelectorAll("svg.chart")).toHaveLength(0);
});
