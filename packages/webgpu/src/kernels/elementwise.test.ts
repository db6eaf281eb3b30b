import { expect, test } from "vitest";
import { floats, floatsOf, integersOf, numbers, relativeError, runCall } from "../test/run-call.js";

const NAN = Number.NaN;
const INFINITE = Number.POSITIVE_INFINITY;
const samples = [
  -100, -20, -6.5, -3, -1, -0.5, -0.01, -1e-5, 0, 1e-5, 0.01, 0.3, 0.5, 1, 2, 6.5, 20, 80,
];

function erf(x: number): number {
  let sum = 0;
  const steps = 4000;
  for (let step = 0; step < steps; step++) {
    const t = (x * (step + 0.5)) / steps;
    sum += Math.exp(-t * t);
  }
  return ((2 / Math.sqrt(Math.PI)) * sum * x) / steps;
}

const selu = (x: number) => 1.0507009873554805 * (x >= 0 ? x : 1.6732632423543772 * Math.expm1(x));

const functions: Record<string, (x: number) => number> = {
  Identity: (x) => x,
  Abs: Math.abs,
  Neg: (x) => -x,
  Sign: Math.sign,
  Square: (x) => x * x,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Tanh: Math.tanh,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Erf: erf,
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Relu: (x) => Math.max(x, 0),
  Relu6: (x) => Math.min(Math.max(x, 0), 6),
  Elu: (x) => (x >= 0 ? x : Math.expm1(x)),
  Selu: selu,
  LeakyRelu: (x) => (x > 0 ? x : 0.2 * x),
  Step: (x) => (x > 0 ? 1 : 0.2),
  ClipByValue: (x) => Math.min(Math.max(x, -2), 3),
};
const attributes = { alpha: 0.2, clipValueMin: -2, clipValueMax: 3 };

for (const [op, expected] of Object.entries(functions)) {
  test(`${op} is right for small and large arguments and keeps NaN`, async () => {
    const x = op === "Reciprocal" ? samples.filter((value) => value !== 0) : samples;
    const shape = [x.length + 1];
    const [y] = await runCall(op, {
      inputs: [floatsOf(shape, [...x, NAN])],
      outputs: [{ shape }],
      attributes,
    });
    const result = y as Float32Array;
    const rounded = Float32Array.from(x);
    rounded.forEach((value, index) => {
      const right = Math.fround(expected(value));
      const error = Math.abs((result[index] as number) - right);
      const allowed = op === "Erf" ? 1e-6 : 4e-6 * Math.abs(right) + 1e-37;
      if (error > allowed) expect.fail(`${op}(${value}) is ${result[index]}, not ${right}`);
    });
    expect(result[x.length]).toBeNaN();
  });
}

for (const [op, expected] of Object.entries({
  Sqrt: Math.sqrt,
  Rsqrt: (x: number) => 1 / Math.sqrt(x),
  Log: Math.log,
})) {
  test(`${op} is right for positive arguments`, async () => {
    const x = Float32Array.of(1e-6, 0.01, 0.5, 2, 3, 100, 1e6);
    const [y] = await runCall(op, { inputs: [{ shape: [7], data: x }], outputs: [{ shape: [7] }] });
    x.forEach((value, index) => {
      expect((y?.[index] as number) / expected(value)).toBeCloseTo(1, 5);
    });
  });
}

test("functions meet the ends of their range as JavaScript does", async () => {
  const cases: Record<string, [number, number][]> = {
    Exp: [
      [100, INFINITE],
      [-200, 0],
      [-INFINITE, 0],
      [INFINITE, INFINITE],
    ],
    Log: [
      [0, -INFINITE],
      [-1, NAN],
      [INFINITE, INFINITE],
      [NAN, NAN],
    ],
    Sqrt: [
      [0, 0],
      [-1, NAN],
      [NAN, NAN],
      [INFINITE, INFINITE],
    ],
    Rsqrt: [
      [0, INFINITE],
      [-1, NAN],
      [NAN, NAN],
    ],
    Tanh: [
      [INFINITE, 1],
      [-INFINITE, -1],
    ],
    Sigmoid: [
      [INFINITE, 1],
      [-INFINITE, 0],
    ],
    Softplus: [
      [INFINITE, INFINITE],
      [-INFINITE, 0],
    ],
    Relu: [
      [INFINITE, INFINITE],
      [-INFINITE, 0],
    ],
    Reciprocal: [[0, INFINITE]],
  };
  for (const [op, list] of Object.entries(cases)) {
    const shape = [list.length];
    const x = floatsOf(
      shape,
      list.map(([argument]) => argument),
    );
    const [y] = await runCall(op, { inputs: [x], outputs: [{ shape }] });
    expect([op, ...(y ?? [])]).toEqual([op, ...list.map(([, value]) => value)]);
  }
});

test("elementwise ops cover more elements than one row of workgroups", async () => {
  const x = floats([9_000_001]);
  const [y] = await runCall("Neg", { inputs: [x], outputs: [{ shape: x.shape }] });
  expect(y?.[9_000_000]).toBe(-(x.data[9_000_000] as number));
  expect(y?.[8_388_607]).toBe(-(x.data[8_388_607] as number));
});

const pairs: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
  SquaredDifference: (a, b) => (a - b) ** 2,
  EluGrad: (dy, y) => (y >= 0 ? dy : dy * (y + 1)),
  Equal: (a, b) => Number(a === b),
  NotEqual: (a, b) => Number(a !== b),
  Greater: (a, b) => Number(a > b),
  GreaterEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessEqual: (a, b) => Number(a <= b),
};

for (const [op, expected] of Object.entries(pairs)) {
  test(`${op} broadcasts both operands`, async () => {
    const a = floats([3, 1, 5], 2);
    const b = floats([4, 1], 3);
    const [y] = await runCall(op, { inputs: [a, b], outputs: [{ shape: [3, 4, 5] }] });
    const right = new Float32Array(60);
    for (let i = 0; i < 60; i++) {
      const left = a.data[Math.floor(i / 20) * 5 + (i % 5)] as number;
      right[i] = expected(left, b.data[Math.floor(i / 5) % 4] as number);
    }
    expect(relativeError(y as Float32Array, right)).toBeLessThan(1e-6);
  });
}

test("Add adds a row to a matrix, a scalar to a matrix and equal shapes", async () => {
  const a = floats([6, 7], 2);
  for (const shape of [[7], [], [6, 7], [6, 1]]) {
    const b = floats(shape, 5);
    const [y] = await runCall("Add", { inputs: [a, b], outputs: [{ shape: [6, 7] }] });
    const right = a.data.map((value, index) => {
      const at = { "7": index % 7, "": 0, "6,7": index, "6,1": Math.floor(index / 7) }[`${shape}`];
      return value + (b.data[at as number] as number);
    });
    expect(relativeError(y as Float32Array, Float32Array.from(right))).toBeLessThan(1e-6);
  }
});

test("Maximum and Minimum keep NaN from either side", async () => {
  const a = floatsOf([3], [NAN, 1, 2]);
  const b = floatsOf([3], [1, NAN, 3]);
  for (const op of ["Maximum", "Minimum"]) {
    const [y] = await runCall(op, { inputs: [a, b], outputs: [{ shape: [3] }] });
    expect(y?.[0]).toBeNaN();
    expect(y?.[1]).toBeNaN();
    expect(y?.[2]).toBe(op === "Maximum" ? 3 : 2);
  }
});

test("Pow follows Math.pow for negative bases, whole and fractional exponents, and zero", async () => {
  const base = [2, -2, -2, -2, 0, 0, 0, 5, 2, 3.5, -1.5, 9, 1e-3];
  const exponent = [3, 3, 2, 0.5, 0, 2, -1, -2, 0.3, 1.7, 1, 0.5, 100];
  const shape = [base.length];
  const [y] = await runCall("Pow", {
    inputs: [floatsOf(shape, base), floatsOf(shape, exponent)],
    outputs: [{ shape }],
  });
  base.forEach((value, index) => {
    const right = value ** (exponent[index] as number);
    if (Number.isNaN(right)) expect(y?.[index]).toBeNaN();
    else if (right === INFINITE) expect(y?.[index]).toBe(INFINITE);
    else
      expect(Math.abs((y?.[index] as number) - right)).toBeLessThanOrEqual(
        1e-5 * right ** 2 + 1e-5,
      );
  });
});

test("comparisons take int32 operands", async () => {
  const a = integersOf([4], [1, 2, -3, 16_777_217]);
  const b = integersOf([4], [1, 3, -4, 16_777_216]);
  const [equal] = await runCall("Equal", { inputs: [a, b], outputs: [{ shape: [4] }] });
  const [greater] = await runCall("Greater", { inputs: [a, b], outputs: [{ shape: [4] }] });
  expect([...(equal ?? [])]).toEqual([1, 0, 0, 0]);
  expect([...(greater ?? [])]).toEqual([0, 0, 1, 1]);
});

test("Select broadcasts its three operands", async () => {
  const condition = floatsOf([2, 1], [1, 0]);
  const [y] = await runCall("Select", {
    inputs: [condition, floatsOf([2, 3], [1, 2, 3, 4, 5, 6]), floatsOf([3], [7, 8, 9])],
    outputs: [{ shape: [2, 3] }],
  });
  expect([...(y ?? [])]).toEqual([1, 2, 3, 7, 8, 9]);
});

test("Fill takes finite, infinite and integer values", async () => {
  for (const value of [1.5, INFINITE, -0.25, 0]) {
    const [y] = await runCall("Fill", {
      inputs: [],
      outputs: [{ shape: [5] }],
      attributes: { value },
    });
    expect([...(y ?? [])]).toEqual(Array(5).fill(value));
  }
  const [whole] = await runCall("Fill", {
    inputs: [],
    outputs: [{ shape: [2], dtype: "int32" }],
    attributes: { value: -7 },
  });
  expect([...(whole ?? [])]).toEqual([-7, -7]);
});

test("Cast truncates to int32 and comes back", async () => {
  const [whole] = await runCall("Cast", {
    inputs: [floatsOf([4], [1.9, -1.9, 0, 1e6])],
    outputs: [{ shape: [4], dtype: "int32" }],
  });
  expect([...(whole ?? [])]).toEqual([1, -1, 0, 1e6]);
  const [back] = await runCall("Cast", {
    inputs: [integersOf([2], [-5, 7])],
    outputs: [{ shape: [2] }],
  });
  expect([...(back ?? [])]).toEqual([-5, 7]);
});

test("Identity copies int32 bit by bit", async () => {
  const [y] = await runCall("Identity", {
    inputs: [integersOf([2], [2_147_483_647, -2_147_483_648])],
    outputs: [{ shape: [2], dtype: "int32" }],
  });
  expect([...(y ?? [])]).toEqual([2_147_483_647, -2_147_483_648]);
});

test("the same elementwise input gives the same bits", async () => {
  const x = { shape: [1000], data: numbers([1000], 9) };
  const [first] = await runCall("Tanh", { inputs: [x], outputs: [{ shape: [1000] }] });
  const [second] = await runCall("Tanh", { inputs: [x], outputs: [{ shape: [1000] }] });
  expect(first).toEqual(second);
});
