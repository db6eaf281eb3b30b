import { expect, test } from "vitest";
import { changeInputs, expectClose, floats, integers, runCall } from "../test/run-call.js";

const parameters = floats([2], [1, -2]);
const gradients = floats([2], [0.5, 4]);
/** The epoch starts at step 10, so step 11 reads the second row. */
const schedule = floats([3, 3], [9, 9, 9, 0.1, 2, 3, 9, 9, 9]);
const timing = [schedule, integers([1], [10])];
const step = 11;

test("GlobalNorm is the root of the sum of squares", async () => {
  expect(await runCall("GlobalNorm", [floats([2], [3, -4])], { shape: [1] })).toEqual([5]);
});

test("ApplySgd subtracts learning rate times gradient", async () => {
  const inputs = [parameters, gradients, ...timing];
  const [p] = await changeInputs("ApplySgd", inputs, [0], { attributes: { clipNorm: 0 }, step });
  expectClose(p as number[], [0.95, -2.4]);
});

test("a norm above clipNorm scales the gradients down to it, a smaller one does not", async () => {
  const attributes = { clipNorm: 2 };
  for (const [norm, scale] of [
    [8, 0.25],
    [2, 1],
    [1, 1],
  ] as const) {
    const inputs = [parameters, gradients, ...timing, floats([1], [norm])];
    const [p] = await changeInputs("ApplySgd", inputs, [0], { attributes, step });
    expectClose(p as number[], [1 - 0.05 * scale, -2 - 0.4 * scale]);
  }
});

test("ApplyMomentum keeps a velocity", async () => {
  const velocity = floats([2], [1, -1]);
  const inputs = [parameters, gradients, velocity, ...timing];
  const attributes = { clipNorm: 0, momentum: 0.5, useNesterov: false };
  const [p, u] = await changeInputs("ApplyMomentum", inputs, [0, 2], { attributes, step });
  expectClose(u as number[], [1, 3.5]);
  expectClose(p as number[], [0.9, -2.35]);
});

test("with Nesterov the velocity is applied one step ahead", async () => {
  const velocity = floats([2], [1, -1]);
  const inputs = [parameters, gradients, velocity, ...timing];
  const attributes = { clipNorm: 0, momentum: 0.5, useNesterov: true };
  const [p, u] = await changeInputs("ApplyMomentum", inputs, [0, 2], { attributes, step });
  expectClose(u as number[], [1, 3.5]);
  expectClose(p as number[], [1 - 0.1 * (0.5 + 0.5), -2 - 0.1 * (4 + 1.75)]);
});

const adam = { clipNorm: 0, beta1: 0.9, beta2: 0.99, epsilon: 0.5 };

test("ApplyAdam moves by the corrected first over the root of the corrected second moment", async () => {
  const [m, v] = [floats([2], [1, 0]), floats([2], [4, 0])];
  const inputs = [parameters, gradients, m, v, ...timing];
  const results = await changeInputs("ApplyAdam", inputs, [0, 2, 3], { attributes: adam, step });
  const [newM, newV] = [
    [0.95, 0.4],
    [0.99 * 4 + 0.01 * 0.25, 0.16],
  ];
  expectClose(results[1] as number[], newM as number[]);
  expectClose(results[2] as number[], newV as number[]);
  const expected = parameters.values.map((p, index) => {
    const [first, second] = [newM?.[index] as number, newV?.[index] as number];
    return p - (0.1 * first * 2) / (Math.sqrt(second * 3) + 0.5);
  });
  expectClose(results[0] as number[], expected);
});

test("moments below 1e-30 become 0, whatever their sign", async () => {
  const small = floats([2], [0, 0]);
  const [m, v] = [floats([2], [-1e-30, 2e-30]), floats([2], [1e-30, 2e-30])];
  const inputs = [parameters, small, m, v, ...timing];
  const results = await changeInputs("ApplyAdam", inputs, [0, 2, 3], { attributes: adam, step });
  expect(results[1]).toEqual([0, 0.9 * 2e-30]);
  expect(results[2]).toEqual([0, 0.99 * 2e-30]);
});

test("AssignMovingAverage mixes the new value in", async () => {
  const inputs = [floats([2], [1, 10]), floats([2], [3, 20])];
  const options = { attributes: { decay: 0.75 } };
  const [average] = await changeInputs("AssignMovingAverage", inputs, [0], options);
  expectClose(average as number[], [1.5, 12.5]);
});
