import { expect, test } from "vitest";
import { isRowOutcome } from "./row-outcome.js";

const step = { p50Ms: 1, p95Ms: 2, samples: 3, stepsPerSample: 4 };
const round = {
  imagesPerSecond: 7,
  step,
  evaluations: [{ epochs: 1, seconds: 2, accuracy: 0.5 }],
  timesToAccuracy: [{ accuracy: 0.9, seconds: null }],
};
const measured = { outcome: "measured", verified: "by itself", rounds: [{ imagesPerSecond: 7 }] };

test("a row has figures in every round, or a reason", () => {
  const rows = [
    measured,
    { ...measured, rounds: [round, round], device: { description: "one", version: "2" } },
    { outcome: "wrong", reason: "the loss is NaN" },
    { outcome: "cannot", reason: "no GPU", hint: "buy one" },
  ];
  for (const row of rows) expect(isRowOutcome(row), JSON.stringify(row)).toBe(true);
});

test("what lacks figures, or has others than figures, is no row", () => {
  const rows = [
    ...[null, 7, "measured", [], {}, { outcome: "measured" }, { outcome: "failed" }],
    { ...measured, rounds: [] },
    { ...measured, rounds: [{}] },
    { ...measured, rounds: [{ imagesPerSecond: null }] },
    { ...measured, rounds: [{ imagesPerSecond: 0 }] },
    { ...measured, rounds: [{ imagesPerSecond: "7" }] },
    { ...measured, rounds: [{ ...round, step: { p50Ms: 1 } }] },
    { ...measured, rounds: [{ ...round, finalAccuracy: 98.7 }] },
    { ...measured, rounds: [{ ...round, epochSeconds: 3 }] },
    { ...measured, device: { description: { markup: "<meta>" } } },
    { outcome: "perfect", reason: "" },
    { outcome: "failed", reason: ["none"] },
  ];
  for (const row of rows) expect(isRowOutcome(row), JSON.stringify(row)).toBe(false);
});
