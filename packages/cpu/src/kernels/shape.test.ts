import { expect, test } from "vitest";
import { at, build, floats, integers, randomFloats, runCall } from "../test/run-call.js";

test.each([
  [
    [2, 3],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    [2, 3, 4],
    [0, 1, 2],
  ],
  [
    [2, 1, 3, 2],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 1, 2, 2, 3],
    [5, 3, 1, 0, 2, 4],
  ],
])("Transpose of %j by %j puts input axis perm[i] at output axis i", async (shape, perm) => {
  const x = randomFloats(shape);
  const output = perm.map((axis) => shape[axis] as number);
  const expected = build(output, (index) =>
    at(
      x,
      shape.map((_, axis) => index[perm.indexOf(axis)] as number),
    ),
  );
  expect(await runCall("Transpose", [x], { shape: output }, { attributes: { perm } })).toEqual(
    expected,
  );
});

test("Slice takes `size` elements from `begin` on along every axis", async () => {
  const x = randomFloats([3, 4, 5]);
  const attributes = { begin: [1, 0, 2], size: [2, 4, 3] };
  const expected = build([2, 4, 3], ([i = 0, j = 0, k = 0]) => at(x, [i + 1, j, k + 2]));
  expect(await runCall("Slice", [x], { shape: [2, 4, 3] }, { attributes })).toEqual(expected);
});

test("PadV2 surrounds with the constant, differently on every side", async () => {
  const x = floats([2, 2], [1, 2, 3, 4]);
  const attributes = { paddings: [0, 1, 2, 1], constantValue: -1 };
  const expected = [-1, -1, 1, 2, -1, -1, -1, 3, 4, -1, -1, -1, -1, -1, -1];
  expect(await runCall("PadV2", [x], { shape: [3, 5] }, { attributes })).toEqual(expected);
});

test("Tile repeats along every axis", async () => {
  const x = randomFloats([2, 3, 1]);
  const expected = build([4, 3, 3], ([i = 0, j = 0]) => at(x, [i % 2, j % 3, 0]));
  const attributes = { reps: [2, 1, 3] };
  expect(await runCall("Tile", [x], { shape: [4, 3, 3] }, { attributes })).toEqual(expected);
});

test("Concat joins inputs of different extents along its axis", async () => {
  const parts = [floats([2, 1], [1, 2]), floats([2, 2], [3, 4, 5, 6]), floats([2, 1], [7, 8])];
  const y = await runCall("Concat", parts, { shape: [2, 4] }, { attributes: { axis: 1 } });
  expect(y).toEqual([1, 3, 4, 7, 2, 5, 6, 8]);
  const stacked = [floats([1, 2], [1, 2]), floats([2, 2], [3, 4, 5, 6])];
  const z = await runCall("Concat", stacked, { shape: [3, 2] }, { attributes: { axis: 0 } });
  expect(z).toEqual([1, 2, 3, 4, 5, 6]);
});

test("integers are moved like floats", async () => {
  const x = integers([2, 2], [1, 2, 3, 4]);
  const result = { shape: [2, 2], dtype: "int32" } as const;
  expect(await runCall("Transpose", [x], result, { attributes: { perm: [1, 0] } })).toEqual([
    1, 3, 2, 4,
  ]);
});
