import type { Call, Entry } from "@hone/core/backend";
import { expect, test } from "vitest";
import { tested } from "../test/one-op.js";
import { call, entry, tensor } from "../test/programs.js";
import { fuse } from "./fusion.js";

const pairs = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };
const [x, y] = [tensor("x", 1, 5, 5, 3), tensor("y", 1, 2, 2, 3)];
const [dy, gradient] = [tensor("dy", 1, 2, 2, 3), tensor("gradient", 1, 5, 5, 3)];
const [mask, dx] = [tensor("mask", 1, 5, 5, 3), tensor("dx", 1, 5, 5, 3)];

const backward: Call[] = [
  call("MaxPoolGrad", [dy, x, y], gradient, pairs),
  call("Step", [x], mask, { alpha: 0.25 }),
  call("Multiply", [gradient, mask], dx),
];

function scratchEntry(calls: readonly Call[], named: readonly string[] = ["x", "dx", "dy"]): Entry {
  const made = entry("test", calls);
  const buffers = Object.entries(made.buffers).filter(([name]) => named.includes(name));
  return { ...made, buffers: Object.fromEntries(buffers) };
}

const opsOf = (made: Entry) => fuse(made).map(({ op }) => op);

test("a pool's gradient and the relu's behind it become one call", () => {
  expect(opsOf(scratchEntry(backward))).toEqual(["MaxPoolGradByStep"]);
  expect(opsOf(scratchEntry(backward.slice(1), ["x", "gradient", "dx"]))).toEqual([
    "MultiplyByStep",
  ]);
});

test("fused and plain calls give the same bits", async () => {
  const device = await tested.open();
  const results = [];
  for (const named of [
    ["x", "dy", "dx", "mask"],
    ["x", "dy", "dx"],
  ]) {
    const calls = [call("MaxPool", [x], y, pairs), ...backward];
    const executable = await device.load({ entries: [scratchEntry(calls, named)] });
    executable.write(
      "x",
      Float32Array.from({ length: 75 }, (_, i) => ((i * 7) % 5) - 2),
    );
    executable.write(
      "dy",
      Float32Array.from({ length: 12 }, (_, i) => i + 0.1),
    );
    executable.run("test", { first: 0, steps: 2 });
    results.push((await executable.read(["dx"]))[0]);
  }
  await device.close();
  expect(results[1]).toEqual(results[0]);
});

test("nothing is fused when somebody else needs what would no longer be written", () => {
  const plain = backward.map(({ op }) => op);
  expect(opsOf(scratchEntry(backward, ["mask", "dx"]))).toEqual(plain);
  const readAgain = [...backward, call("Neg", [mask], tensor("other", 75))];
  expect(opsOf(scratchEntry(readAgain))).toEqual([...plain, "Neg"]);
  const readNextStep = [call("Neg", [mask], tensor("other", 75)), ...backward];
  expect(opsOf(scratchEntry(readNextStep))).toEqual(["Neg", ...plain]);
  const partlyOverwritten = [...readNextStep, call("Neg", [dx], { ...mask, shape: [74] })];
  expect(opsOf(scratchEntry(partlyOverwritten))).toEqual(["Neg", ...plain, "Neg"]);
});

test("nothing is fused when the mask's source changes before it is used", () => {
  const [pool, step, multiply] = backward as [Call, Call, Call];
  const changed = [pool, step, call("Neg", [dy], { ...x, shape: [12] }), multiply];
  expect(opsOf(scratchEntry(changed))).toEqual(["MaxPoolGrad", "Step", "Neg", "Multiply"]);
});

test("a mask that is overwritten piece by piece was needed once", () => {
  const halves = [
    call("Neg", [tensor("source", 40)], { ...mask, shape: [40] }),
    call("Neg", [tensor("source", 35)], { ...mask, offset: 40, shape: [35] }),
    call("Neg", [mask], tensor("other", 75)),
  ];
  const ops = opsOf(scratchEntry([...halves, ...backward]));
  expect(ops).toEqual(["Neg", "Neg", "Neg", "MaxPoolGradByStep"]);
});
