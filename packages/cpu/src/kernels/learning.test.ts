import { expect, test } from "vitest";
import { changeInputs, expectClose, floats, integers, runCall } from "../test/run-call.js";

test("GlobalNorm is the root of the sum of squares", async () => {
  expect(await runCall("GlobalNorm", [floats([2], [3, -4])], { shape: [1] })).toEqual([5]);
});

test("ReadSchedule gives the step's row, counted from the epoch's start, and NaN outside", async () => {
  const inputs = [floats([3, 2], [9, 8, 0.1, 2, 7, 6]), integers([1], [10])];
  for (const [step, row] of [
    [11, [0.1, 2]],
    [13, [Number.NaN, Number.NaN]],
    [9, [Number.NaN, Number.NaN]],
  ] as const) {
    expect(await runCall("ReadSchedule", inputs, { shape: [2] }, { step })).toEqual(row);
  }
});

test("AssignMovingAverage mixes the new value in", async () => {
  const inputs = [floats([2], [1, 10]), floats([2], [3, 20])];
  const options = { attributes: { decay: 0.75 } };
  const [average] = await changeInputs("AssignMovingAverage", inputs, [0], options);
  expectClose(average as number[], [1.5, 12.5]);
});
