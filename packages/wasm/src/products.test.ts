import { expect, test } from "vitest";
import { compute, expectLikeReference, expectLikeUnfused, tested } from "./test/one-op.js";

const sizes = [
  [1, 1, 1],
  [1, 7, 10],
  [4, 8, 8],
  [5, 9, 3],
  [17, 33, 9],
  [64, 100, 10],
  [3, 300, 16],
  [131, 5, 12],
  [20, 520, 17],
] as const;

function stored(rows: number, columns: number, isTransposed: boolean): number[] {
  return isTransposed ? [columns, rows] : [rows, columns];
}

test.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])(
  "BatchMatMul (transposeA %s, transposeB %s) agrees for ragged extents",
  async (transposeA, transposeB) => {
    for (const [m, k, n] of sizes) {
      await expectLikeReference({
        op: "BatchMatMul",
        inputs: [{ shape: stored(m, k, transposeA) }, { shape: stored(k, n, transposeB) }],
        output: { shape: [m, n] },
        attributes: { transposeA, transposeB },
      });
    }
  },
);

test("BatchMatMul reuses the side whose batch is 1", async () => {
  for (const [a, b] of [
    [3, 3],
    [1, 3],
    [3, 1],
  ] as const) {
    for (const transposeB of [false, true]) {
      await expectLikeReference({
        op: "BatchMatMul",
        inputs: [{ shape: [a, 18, 5] }, { shape: [b, ...stored(5, 11, transposeB)] }],
        output: { shape: [3, 18, 11] },
        attributes: { transposeA: false, transposeB },
      });
    }
  }
});

test("_FusedMatMul adds the bias and applies relu, in whole and ragged tiles alike", async () => {
  for (const [m, k, n] of sizes) {
    for (const activation of ["linear", "relu"]) {
      const fused = {
        op: "_FusedMatMul",
        inputs: [{ shape: [m, k] }, { shape: [k, n] }, { shape: [n] }],
        output: { shape: [m, n] },
        attributes: { transposeA: false, transposeB: false, activation },
      };
      await expectLikeUnfused(fused, "BatchMatMul");
    }
  }
});

test("a NaN reaches exactly the row and column it belongs to", async () => {
  const a = new Float32Array(6 * 3).fill(1);
  a[2 * 3 + 1] = Number.NaN;
  const b = new Float32Array(3 * 9).fill(1);
  b[4] = Number.NaN;
  const y = await compute(tested, {
    op: "_FusedMatMul",
    inputs: [
      { shape: [6, 3], data: a },
      { shape: [3, 9], data: b },
    ],
    output: { shape: [6, 9] },
    attributes: { transposeA: false, transposeB: false, activation: "relu" },
  });
  y.forEach((value, i) => {
    const poisoned = Math.floor(i / 9) === 2 || i % 9 === 4;
    expect(value).toBe(poisoned ? Number.NaN : 3);
  });
});
