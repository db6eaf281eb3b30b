import { expect, test } from "vitest";
import { floats, numbers, relativeError, runCall, type Value } from "../test/run-call.js";

interface Sizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function expected(
  a: Value,
  b: Value,
  sizes: Sizes,
  ta: boolean,
  tb: boolean,
  ba: number,
  bb: number,
) {
  const { batch, m, n, k } = sizes;
  const y = new Float64Array(batch * m * n);
  for (let g = 0; g < batch; g++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < k; t++) {
          const left = (ba === 1 ? 0 : g * m * k) + (ta ? t * m + i : i * k + t);
          const right = (bb === 1 ? 0 : g * k * n) + (tb ? j * k + t : t * n + j);
          sum += (a.data[left] as number) * (b.data[right] as number);
        }
        y[(g * m + i) * n + j] = sum;
      }
    }
  }
  return y;
}

const sizes: readonly Sizes[] = [
  { batch: 1, m: 64, n: 10, k: 128 },
  { batch: 1, m: 1, n: 1, k: 1 },
  { batch: 1, m: 7, n: 33, k: 5 },
  { batch: 1, m: 65, n: 129, k: 100 },
  { batch: 1, m: 5, n: 40, k: 3000 },
  { batch: 3, m: 20, n: 12, k: 17 },
  { batch: 1, m: 260, n: 300, k: 20 },
];

for (const { batch, m, n, k } of sizes) {
  test(`BatchMatMul multiplies ${batch} of [${m},${k}] and [${k},${n}], transposed or not`, async () => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const a = floats([batch, ...(transposeA ? [k, m] : [m, k])], 2);
      const b = floats([batch, ...(transposeB ? [n, k] : [k, n])], 3);
      const [y] = await runCall("BatchMatMul", {
        inputs: [a, b],
        outputs: [{ shape: [batch, m, n] }],
        attributes: { transposeA, transposeB },
      });
      const right = expected(a, b, { batch, m, n, k }, transposeA, transposeB, batch, batch);
      expect(relativeError(y as Float32Array, right)).toBeLessThan(2e-6);
    }
  });
}

test("BatchMatMul reuses the one matrix of either side", async () => {
  const [batch, m, n, k] = [3, 9, 11, 13];
  for (const [left, right] of [
    [1, 3],
    [3, 1],
  ] as const) {
    const a = floats([left, m, k], 2);
    const b = floats([right, k, n], 3);
    const [y] = await runCall("BatchMatMul", {
      inputs: [a, b],
      outputs: [{ shape: [batch, m, n] }],
      attributes: { transposeA: false, transposeB: false },
    });
    const wanted = expected(a, b, { batch, m, n, k }, false, false, left, right);
    expect(relativeError(y as Float32Array, wanted)).toBeLessThan(2e-6);
  }
});

for (const [m, n, k] of [
  [64, 128, 80],
  [8, 24, 2000],
] as const) {
  test(`_FusedMatMul adds its bias and cuts at zero, with ${k} terms`, async () => {
    const [a, b, bias] = [floats([m, k], 2), floats([k, n], 3), floats([n], 4)];
    const sum = expected(a, b, { batch: 1, m, n, k }, false, false, 1, 1);
    for (const activation of ["linear", "relu"]) {
      for (const inputs of [
        [a, b],
        [a, b, bias],
      ]) {
        const [y] = await runCall("_FusedMatMul", {
          inputs,
          outputs: [{ shape: [m, n] }],
          attributes: { transposeA: false, transposeB: false, activation },
        });
        const right = sum.map((value, index) => {
          const biased = inputs.length === 3 ? value + (bias.data[index % n] as number) : value;
          return activation === "relu" ? Math.max(biased, 0) : biased;
        });
        expect(relativeError(y as Float32Array, right)).toBeLessThan(2e-6);
      }
    }
  });
}

test("a NaN in one row stays in that row", async () => {
  const a = { shape: [40, 50], data: numbers([40, 50], 2) };
  a.data[3 * 50 + 7] = Number.NaN;
  const [y] = await runCall("_FusedMatMul", {
    inputs: [a, floats([50, 6], 3), floats([6], 4)],
    outputs: [{ shape: [40, 6] }],
    attributes: { transposeA: false, transposeB: false, activation: "relu" },
  });
  y?.forEach((value, index) => {
    expect(Number.isNaN(value)).toBe(Math.floor(index / 6) === 3);
  });
});
