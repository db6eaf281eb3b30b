import { expect, test } from "vitest";
import { expectClose, floats, integers, runCall } from "../test/run-call.js";
import { elementwiseKernels } from "./elementwise.js";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const cases: readonly [
  op: string,
  x: number[],
  y: number[],
  attributes?: Record<string, number>,
][] = [
  ["Identity", [-1, 2], [-1, 2]],
  ["Abs", [-1.5, 0, 2], [1.5, 0, 2]],
  ["Neg", [-1.5, 2], [1.5, -2]],
  ["Sign", [-3, 0, 7], [-1, 0, 1]],
  ["Floor", [-1.5, 0, 2.5], [-2, 0, 2]],
  ["Sqrt", [0, 4, 2, -1], [0, 2, Math.SQRT2, nan]],
  ["Rsqrt", [0, 4, 2], [infinity, 0.5, Math.SQRT1_2]],
  ["Square", [-3, 0.5], [9, 0.25]],
  ["Reciprocal", [4, -0.5, 0], [0.25, -2, infinity]],
  ["Exp", [0, 1, -infinity], [1, Math.E, 0]],
  ["Log", [1, Math.E, 0], [0, 1, -infinity]],
  ["Tanh", [0, Math.log(3), -infinity], [0, 0.8, -1]],
  ["Sigmoid", [0, Math.log(3), -1000, 1000], [0.5, 0.75, 0, 1]],
  ["Softplus", [0, Math.log(3), 1000, -1000], [Math.LN2, Math.log(4), 1000, 0]],
  ["Relu", [-1, 0, 2, infinity], [0, 0, 2, infinity]],
  ["Relu6", [-1, 3, 7], [0, 3, 6]],
  ["Elu", [-Math.LN2, 0, 2], [-0.5, 0, 2]],
  ["Selu", [-Math.LN2, 2], [-0.5 * 1.0507009873554805 * 1.6732632423543772, 2.101401974710961]],
  ["LeakyRelu", [-2, 0, 3], [-0.5, 0, 3], { alpha: 0.25 }],
  ["Step", [-2, 0, 3], [0.25, 0.25, 1], { alpha: 0.25 }],
  ["ClipByValue", [-2, 0.5, 3], [-1, 0.5, 2], { clipValueMin: -1, clipValueMax: 2 }],
  [
    "Erf",
    [0, 0.5, -1, 2, 2.5, 3, 9],
    [
      0, 0.5204998778130465, -0.8427007929497149, 0.9953222650189527, 0.999593047982555,
      0.9999779095030014, 1,
    ],
  ],
];

test.each(cases)("%s of %j is %j", async (op, x, y, attributes = {}) => {
  const input = floats([x.length], x);
  const options = { attributes };
  expectClose(await runCall(op, [input], input, options), y, 1e-14);
  expectClose(await runCall(op, [input], input, { ...options, precision: 32 }), y, 4e-7);
});

test.each(cases)("%s turns NaN into NaN", async (op, _x, _y, attributes = {}) => {
  expect(await runCall(op, [floats([1], [nan])], { shape: [1] }, { attributes })).toEqual([nan]);
});

test("every elementwise op has a case here", () => {
  const tested = [...cases.map(([op]) => op), "Cast", "Fill"];
  expect(tested.sort()).toEqual(Object.keys(elementwiseKernels).sort());
});

test("Cast to int32 truncates towards zero", async () => {
  const x = floats([4], [1.9, -1.9, 0.5, 7]);
  expect(await runCall("Cast", [x], { shape: [4], dtype: "int32" })).toEqual([1, -1, 0, 7]);
});

test("Cast from int32 keeps the value", async () => {
  expect(await runCall("Cast", [integers([2], [3, -4])], { shape: [2] })).toEqual([3, -4]);
});

test("Fill writes its value everywhere", async () => {
  const attributes = { value: -2.5 };
  expect(await runCall("Fill", [], { shape: [2, 2] }, { attributes })).toEqual(Array(4).fill(-2.5));
});
