import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  begin,
  end,
  page,
  pageFault,
  recordFault,
  recordMarkdown,
  recordsMarkdown,
  withResults,
} from "../benchmarks/figures-table.mjs";

const spread = (median) => ({ median, least: median - 10, most: median + 10, count: 5 });
const task = { model: "cnn", dataset: "mnist", mode: "train", batchSize: 64 };
const record = {
  date: "2026-01-02T03:04:05.678Z",
  machine: { processor: "Abacus", cores: 2, node: "v20" },
  settings: { rounds: 5 },
  rows: [
    {
      ...task,
      engine: "pytorch",
      variant: "1 thread",
      outcome: "measured",
      summary: { imagesPerSecond: spread(5574), timesToAccuracy: [] },
    },
    {
      ...task,
      engine: "wasm",
      outcome: "measured",
      summary: { imagesPerSecond: spread(25_779), stepP95Ms: spread(30), timesToAccuracy: [] },
    },
    { ...task, engine: "tfjs-wasm", outcome: "cannot", reason: "it lacks A|B" },
  ],
};

test("a record is a table from fast to slow, its machine above and what has no figures below", () => {
  expect(recordMarkdown(record, "bench-x.json")).toBe(
    `
mnist on Abacus, 2 cores, Node v20; medians of 5 rounds, 2026-01-02; [the record](recorded/bench-x.json).

| task | batch | engine | images/s | range |
| --- | ---: | --- | ---: | ---: |
| train cnn | 64 | wasm | 25,779 | 25,769 – 25,789 |
| train cnn | 64 | pytorch, 1 thread | 5,574 | 5,564 – 5,584 |

Without figures:

* train cnn, batch 64, tfjs-wasm: cannot: it lacks A|B
`.trim(),
  );
});

test("results go between the markers, and nothing else changes", () => {
  const text = `before\n${begin}\nold\n${end}\nafter\n`;
  const written = withResults(text, "new");
  expect(written).toBe(`before\n${begin}\n\nnew\n\n${end}\nafter\n`);
  expect(withResults(written, "new")).toBe(written);
  expect(withResults("no markers", "new")).toBeUndefined();
  expect(pageFault(written, "new")).toBeUndefined();
  expect(pageFault(written, "newer")).toMatch(/does not say what the records say/);
  expect(pageFault("no markers", "new")).toMatch(/has no place/);
  expect(pageFault(written, "")).toMatch(/none are recorded/);
});

test("a run that was interrupted, or of two builds, is not shown", () => {
  const whole = { kind: "benchmark", complete: true, rebuilt: false };
  expect(recordFault(whole)).toBeUndefined();
  expect(recordFault({ ...whole, complete: false })).toMatch(/interrupted/);
  expect(recordFault({ ...whole, rebuilt: true })).toMatch(/built anew/);
  expect(recordFault({ rival: "pytorch" })).toMatch(/not written by hone bench/);
});

test("FIGURES.md says what the recorded runs say", async () => {
  const text = await readFile(page, "utf8");
  expect(pageFault(text, await recordsMarkdown())).toBeUndefined();
});

test("every figure of the README's table stands in FIGURES.md, in a line of the same words", async () => {
  const [readme, figures] = await Promise.all(
    ["../README.md", "../benchmarks/FIGURES.md"].map((file) =>
      readFile(new URL(file, import.meta.url), "utf8"),
    ),
  );
  const rows = readme.split("\n").filter((line) => /^\| (train|predict) /.test(line));
  expect(rows.length).toBeGreaterThan(4);
  const recorded = figures.split("\n");
  expect(rows.filter((row) => !recorded.includes(row))).toEqual([]);
});
