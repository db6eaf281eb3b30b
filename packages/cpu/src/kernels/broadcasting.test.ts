import { expect, test } from "vitest";
import {
  at,
  build,
  expectClose,
  floats,
  integers,
  randomFloats,
  runCall,
  type TestTensor,
} from "../test/run-call.js";
import { broadcastingKernels } from "./broadcasting.js";

const nan = Number.NaN;

const functions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: (a, b) => (a + b + Math.abs(a - b)) / 2,
  Minimum: (a, b) => (a + b - Math.abs(a - b)) / 2,
  SquaredDifference: (a, b) => a * a - 2 * a * b + b * b,
  Equal: (a, b) => Number(a === b),
  NotEqual: (a, b) => Number(a !== b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
  EluGrad: (dy, y) => (y < 0 ? dy * y + dy : dy),
};

/** The element that broadcasting puts at `index` of the output. */
function broadcast(tensor: TestTensor, index: readonly number[]): number {
  const own = index.slice(index.length - tensor.shape.length);
  return at(
    tensor,
    own.map((place, axis) => (tensor.shape[axis] === 1 ? 0 : place)),
  );
}

test.each(Object.keys(functions))("%s of equal shapes goes element by element", async (op) => {
  const apply = functions[op] as (a: number, b: number) => number;
  const a = floats([2, 3], [1, -2, 0.5, 3, 3, -1]);
  const b = floats([2, 3], [2, -2, 4, -1, 3, -0.25]);
  const expected = a.values.map((value, index) => apply(value, b.values[index] as number));
  expectClose(await runCall(op, [a, b], a), expected);
});

test.each([
  [[4, 3], [3], [4, 3]],
  [[3], [4, 3], [4, 3]],
  [
    [4, 1],
    [1, 5],
    [4, 5],
  ],
  [[2, 3, 4], [], [2, 3, 4]],
  [
    [2, 1, 3, 1],
    [5, 1, 4],
    [2, 5, 3, 4],
  ],
  [
    [2, 3, 4, 5],
    [2, 3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [1, 2, 1, 2, 1, 2],
    [2, 1, 2, 1, 2, 1],
    [2, 2, 2, 2, 2, 2],
  ],
])("shapes %j and %j broadcast to %j", async (shapeA, shapeB, shape) => {
  const [a, b] = [randomFloats(shapeA, 1), randomFloats(shapeB, 2)];
  const expected = build(shape, (index) => broadcast(a, index) - broadcast(b, index));
  expectClose(await runCall("Sub", [a, b], { shape }), expected);
});

test("Pow raises, and passes NaN on even where JavaScript has 1", async () => {
  const [a, b] = [floats([4], [2, 9, nan, 2]), floats([4], [10, 0.5, 0, nan])];
  expectClose(await runCall("Pow", [a, b], a), [1024, 3, nan, nan]);
});

test.each(["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"])(
  "%s with NaN on either side is NaN",
  async (op) => {
    const [a, b] = [floats([2], [nan, 1]), floats([2], [1, nan])];
    expect(await runCall(op, [a, b], a)).toEqual([nan, nan]);
  },
);

test("comparisons take integers too, and NaN equals nothing", async () => {
  const [a, b] = [integers([3], [1, 2, 3]), integers([1], [2])];
  expect(await runCall("GreaterEqual", [a, b], { shape: [3] })).toEqual([0, 1, 1]);
  const c = floats([1], [nan]);
  expect(await runCall("Equal", [c, c], c)).toEqual([0]);
  expect(await runCall("NotEqual", [c, c], c)).toEqual([1]);
});

test("Select broadcasts all three operands", async () => {
  const condition = floats([2, 1], [1, 0]);
  const [a, b] = [floats([3], [1, 2, 3]), floats([], [9])];
  const y = await runCall("Select", [condition, a, b], { shape: [2, 3] });
  expect(y).toEqual([1, 2, 3, 9, 9, 9]);
});

test("every broadcasting op has a case here", () => {
  const tested = [...Object.keys(functions), "Pow", "Select"];
  expect(tested.sort()).toEqual(Object.keys(broadcastingKernels).sort());
});
