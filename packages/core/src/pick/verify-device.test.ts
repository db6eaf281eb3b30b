import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { digest } from "./digest.js";
import { knownAnswers } from "./known-answers.js";
import { problems } from "./problems.js";
import { solve } from "./solve.js";
import {
  hangsInSync,
  nanAtStepThree,
  neverUpdated,
  type Sabotage,
  sabotaged,
  throwsInLoad,
  transposedWeight,
  zeroedGradient,
} from "./test/sabotage.js";
import { verifyDevice } from "./verify-device.js";

async function verdictOn(sabotage: Sabotage) {
  const device = await sabotaged(cpu({ worker: false }), "wrong", sabotage).open();
  const verdict = await verifyDevice(device, { timeoutMs: 300 });
  await device.close();
  return verdict.ok ? "right" : verdict.reason;
}

test("the answers are those of the reference in 64 bits", async () => {
  const device = await cpu({ precision: 64 }).open();
  for (const [index, problem] of problems.entries()) {
    const made = digest(await solve(device, problem));
    const known = knownAnswers[index];
    expect(known?.problem).toBe(problem.name);
    for (const [step, loss] of made.losses.entries()) {
      expect(loss).toBeCloseTo(known?.losses[step] ?? Number.NaN, 7);
    }
    for (const [at, { label, moved, sums }] of made.weights.entries()) {
      const right = known?.weights[at];
      expect(right?.label).toBe(label);
      expect(moved, label).toBeGreaterThan(1e-4);
      expect(moved).toBeCloseTo(right?.moved ?? 0, 8);
      for (const [sum, value] of sums.entries()) {
        expect(value).toBeCloseTo(right?.sums[sum] ?? Number.NaN, 8);
      }
    }
  }
  await device.close();
});

test("a right device passes, also when only some ops matter", async () => {
  const device = await cpu({ worker: false }).open();
  expect(await verifyDevice(device)).toEqual({
    ok: true,
    problems: problems.map(({ name }) => name),
  });
  const some = await verifyDevice(device, { ops: ["BatchMatMul", "Relu", "Softmax", "Dropout"] });
  expect(some).toEqual({ ok: true, problems: ["dense layers"] });
  await device.close();
});

test.each<[string, Sabotage, RegExp]>([
  [
    "a zeroed gradient",
    zeroedGradient("Conv2DBackpropFilter"),
    /gradient of convolution_1\/kernel is zero everywhere/,
  ],
  ["a bias never updated", neverUpdated("parameter:1"), /dense_1\/bias is never updated/],
  ["NaN at step 3", nanAtStepThree, /the loss of step 3 is NaN/],
  ["a hang in sync", hangsInSync, /sync has not ended after 0\.3 s/],
  ["a throw in load", throwsInLoad, /out of registers/],
])("%s is found and named", async (_title, sabotage, reason) => {
  expect(await verdictOn(sabotage)).toMatch(reason);
});

test("a weight read transposed makes the first loss, or a shape, wrong", async () => {
  expect(await verdictOn(transposedWeight)).toMatch(/tried on dense layers: /);
});

test("weights that come back transposed are found before the first step", async () => {
  const wrong: Sabotage = {
    executable: (inner) => ({
      read: async (names) => {
        const read = await inner.read(names);
        return read.map((values, index) => {
          if (names[index] !== "parameter:0" || values.length !== 40 * 64) return values;
          return values.map((_, at) => values[(at % 40) * 64 + Math.floor(at / 40)] as number);
        });
      },
    }),
  };
  expect(await verdictOn(wrong)).toMatch(/dense_1\/kernel comes back transposed/);
});

test("a device of another version of the contract is not tried", async () => {
  const device = await sabotaged(cpu({ worker: false }), "other", {}).open();
  const target = { ...device.target, specVersion: 2 } as unknown as typeof device.target;
  expect(await verifyDevice({ ...device, target })).toEqual({
    ok: false,
    reason: "the backend speaks version 2 of the contract, this core version 1",
  });
  await device.close();
});

test("what a device cannot train it only predicts", async () => {
  const lacking = sabotaged(cpu({ worker: false }), "lacking", {});
  const device = await lacking.open();
  const ops = device.target.ops.filter((op) => op !== "Conv2DBackpropFilter");
  const verdict = await verifyDevice({ ...device, target: { ...device.target, ops } });
  expect(verdict.ok).toBe(true);
  await device.close();
});
