import { expect, test } from "vitest";
import { at, build, expectClose, floats, randomFloats, runCall } from "../test/run-call.js";

const transposes = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

test.each(
  transposes.flatMap(([transposeA, transposeB]) =>
    [
      [1, 1, 1],
      [2, 3, 4],
      [5, 7, 6],
      [3, 2, 9],
    ].map(([m = 0, k = 0, n = 0]) => ({ m, k, n, transposeA, transposeB })),
  ),
)("[$m,$k] times [$k,$n], transposed $transposeA and $transposeB", async (size) => {
  const { m, k, n, transposeA, transposeB } = size;
  const a = randomFloats(transposeA ? [k, m] : [m, k], 1);
  const b = randomFloats(transposeB ? [n, k] : [k, n], 2);
  const expected = build([m, n], ([i = 0, j = 0]) => {
    let sum = 0;
    for (let p = 0; p < k; p++) {
      sum += at(a, transposeA ? [p, i] : [i, p]) * at(b, transposeB ? [j, p] : [p, j]);
    }
    return sum;
  });
  const attributes = { transposeA, transposeB };
  expectClose(await runCall("BatchMatMul", [a, b], { shape: [m, n] }, { attributes }), expected);
  const single = await runCall(
    "BatchMatMul",
    [a, b],
    { shape: [m, n] },
    { attributes, precision: 32 },
  );
  expectClose(single, expected, 1e-6);
});

test.each([
  [3, 3],
  [3, 1],
  [1, 3],
])("a batch of %i meets a batch of %i", async (batchA, batchB) => {
  const a = randomFloats([batchA, 3, 2], 1);
  const b = randomFloats([batchB, 2, 5], 2);
  const expected = build([3, 3, 5], ([z = 0, i = 0, j = 0]) => {
    const [left, right] = [batchA === 1 ? 0 : z, batchB === 1 ? 0 : z];
    return at(a, [left, i, 0]) * at(b, [right, 0, j]) + at(a, [left, i, 1]) * at(b, [right, 1, j]);
  });
  const attributes = { transposeA: false, transposeB: false };
  expectClose(await runCall("BatchMatMul", [a, b], { shape: [3, 3, 5] }, { attributes }), expected);
});

test("NaN and Infinity stay in the rows and columns they belong to", async () => {
  const a = floats([3, 1], [Number.NaN, 1, Number.POSITIVE_INFINITY]);
  const b = floats([1, 2], [1, 2]);
  const attributes = { transposeA: false, transposeB: false };
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const y = await runCall("BatchMatMul", [a, b], { shape: [3, 2] }, { attributes });
  expect(y).toEqual([nan, nan, 1, 2, infinity, infinity]);
});
