import { expect, test } from "vitest";
import { kernelTable } from "./kernel-table.js";
import { summary } from "./kernel-timing.js";

const calls = [
  { op: "BatchMatMul", layer: "dense", output: [2, 4], flops: 8000 },
  { op: "RecordStep", layer: undefined, output: [8, 3], flops: 0 },
];
const call = (...kernels: (readonly [string, number])[]) => ({
  kernels: kernels.map(([kernel, microseconds]) => ({ kernel, microseconds })),
  microseconds: kernels.reduce((sum, [, microseconds]) => sum + microseconds, 0),
});
const times = [
  [call(["pack", 1], ["product", 3]), call(["record", 1])],
  [call(["pack", 2], ["product", 6]), call(["record", 9])],
  [call(["pack", 3], ["product", 5]), call(["record", 0])],
];
const figures = { stepsPerRound: 7, ...summary(calls, times, [4, 2, 1], 2) };

test("times are medians over the rounds, kernel by kernel, and sums agree", () => {
  expect(figures.calls[0]).toMatchObject({
    microsecondsPerStep: 7,
    microsecondsPerImage: 3.5,
    kernels: [
      { kernel: "pack", microseconds: 2 },
      { kernel: "product", microseconds: 5 },
    ],
  });
  expect(figures).toMatchObject({ microsecondsPerStep: 8, imagesPerSecond: 250_000, flops: 8000 });
  expect(figures.calls.map(({ share }) => share)).toEqual([7 / 8, 1 / 8]);
});

test("a call is set against the calibration of its own round", () => {
  // 8000 FLOPs in 4, 8 and 8 µs are 2, 1 and 1 GFLOP/s; beside 4, 2 and 1.
  expect(figures.calls[0]?.ofCalibration).toBe(0.5);
  expect(figures.calibration).toMatchObject({
    ...{ gflopsPerSecond: [4, 2, 1], min: 1, median: 2, max: 4 },
  });
});

test("a call that computes nothing has no rate, and the table a dash for it", () => {
  expect(figures.calls[1]).toMatchObject({ gflopsPerSecond: null, ofCalibration: null });
  const lines = kernelTable(figures).split("\n");
  expect(lines[2]).toMatch(/^BatchMatMul +dense +\[2,4\] +7\.0 +3\.500 +1\.14 +87\.50 % +0\.500$/);
  expect(lines[3]).toMatch(/^RecordStep +\[8,3\] +1\.0 +0\.500 +– +12\.50 % +–$/);
  // What has no room in 80 columns goes on below.
  expect(lines[7]).toMatch(/^BatchMatMul +dense +\[2,4\] +pack 2\.0 \+ product 5\.0$/);
  expect(lines[8]).toMatch(/^RecordStep +\[8,3\] +record 1\.0$/);
  expect(lines[10]).toBe(
    "Total      8 µs a step, 250,000 images per second, 0.0 MFLOP at 1.00 GFLOP/s",
  );
});
