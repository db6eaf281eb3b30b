import { expect, test } from "vitest";
import {
  changeInputs,
  expectClose,
  floats,
  noise,
  randomFloats,
  runCall,
} from "../test/run-call.js";

test("a Map computes its instructions one after another, over any number of pieces", async () => {
  const size = 1300;
  const attributes = {
    code: "input 0; input 1; element 2 1; Multiply 0 2; constant 0.5; Sub 3 4; Maximum 5 1",
    results: [6],
  };
  const [a, b] = [randomFloats([size], 1), randomFloats([size], 2)];
  const values = await runCall(
    "Map",
    [a, b, floats([3], [9, 3, 9])],
    { shape: [size] },
    { attributes },
  );
  expectClose(
    values,
    a.values.map((x, index) => Math.max(3 * x - 0.5, b.values[index] as number)),
  );
});

test("operands broadcast as numpy's do", async () => {
  const attributes = { code: "input 0; input 1; input 2; Multiply 0 1; Add 3 2", results: [4] };
  const inputs = [randomFloats([2, 3, 4]), randomFloats([3, 1], 1), randomFloats([4], 2)];
  const values = await runCall("Map", inputs, { shape: [2, 3, 4] }, { attributes });
  const [x, scale, shift] = inputs.map((input) => input.values) as [number[], number[], number[]];
  const expected = x.map((value, index) => {
    const row = Math.floor(index / 4) % 3;
    return value * (scale[row] as number) + (shift[index % 4] as number);
  });
  expectClose(values, expected);
});

test("several results take their operands' places, each made from what was there before", async () => {
  const inputs = [randomFloats([700], 1), randomFloats([700], 2)];
  const attributes = { code: "input 0; input 1; Add 0 1", results: [1, 2] };
  const [first, second] = await changeInputs("Map", inputs, [0, 1], { attributes });
  expectClose(first as number[], noise(700, 2));
  const sums = noise(700, 1).map((value, index) => value + (noise(700, 2)[index] as number));
  expectClose(second as number[], sums);
});

test("an expression that is not well formed is refused with its text", async () => {
  const run = (code: string, results = [0]) =>
    runCall("Map", [floats([1], [1])], { shape: [1] }, { attributes: { code, results } });
  await expect(run("input 0; Frob 0")).rejects.toThrow(/"Frob 0", value 1, is no instruction/);
  await expect(run("Add 0 1")).rejects.toThrow(/"Add 0 1", value 0/);
  await expect(run("input 0", [1])).rejects.toThrow(/a result of \[1\] is no value/);
});
