import { rateOf } from "@hone/core";
import { expect, test } from "vitest";
import { scheduleChoices, scheduleOf } from "./schedule-option.js";

test("a schedule's rates at the start, after half and at the end of a training are those its help tells", () => {
  const [epochs, stepsPerEpoch] = [10, 30];
  const last = epochs * stepsPerEpoch - 1;
  const rates = scheduleChoices.map((choice) => {
    const schedule = scheduleOf(choice, 0.1, epochs);
    const at = (step: number) => (schedule ? rateOf(schedule, step, stepsPerEpoch) : 0.1);
    return [
      choice,
      ...[0, last / 2, last].map((step) => Number(at(Math.floor(step)).toPrecision(1))),
    ];
  });
  expect(rates).toEqual([
    ["constant", 0.1, 0.1, 0.1],
    ["one-cycle", 0.004, 0.08, expect.closeTo(0, 4)],
    ["cosine", 0.1, 0.05, expect.closeTo(0, 4)],
    ["warm-up", 0, 0.06, expect.closeTo(0, 4)],
    ["step", 0.1, 0.01, 0.001],
    ["exponential", 0.1, 0.01, 0.001],
  ]);
});
