import { afterAll, beforeAll, expect, test } from "vitest";
import type { WebgpuDevice } from "../device.js";
import {
  type CallSpec,
  floats,
  integersOf,
  openGpu,
  relativeError,
  runCall,
} from "../test/run-call.js";

// A software adapter is given the plain forms: here it runs those meant for real GPUs.
let device: WebgpuDevice;
beforeAll(async () => {
  device = await openGpu({ cooperative: true, joint: true });
});
afterAll(() => device.close());

const conv = { strides: [1, 1], padding: [1, 1, 1, 1], dilations: [1, 1], activation: "relu" };
const product = (transposeA: boolean, transposeB: boolean) => ({
  transposeA,
  transposeB,
  activation: "relu",
});

const cases: readonly (readonly [string, CallSpec])[] = [
  [
    "_FusedMatMul",
    {
      inputs: [floats([70, 33], 2), floats([33, 45], 3), floats([45], 4)],
      outputs: [{ shape: [70, 45] }],
      attributes: product(false, false),
    },
  ],
  [
    "BatchMatMul",
    {
      inputs: [floats([1200, 12], 2), floats([90, 1200], 3)],
      outputs: [{ shape: [12, 90] }],
      attributes: product(true, true),
    },
  ],
  [
    "BatchMatMul",
    {
      inputs: [floats([1030, 3], 2), floats([520, 3], 3)],
      outputs: [{ shape: [1030, 520] }],
      attributes: product(false, true),
    },
  ],
  [
    "FusedConv2D",
    {
      inputs: [floats([3, 9, 8, 5], 2), floats([3, 3, 5, 20], 3), floats([20], 4)],
      outputs: [{ shape: [3, 9, 8, 20] }],
      attributes: conv,
    },
  ],
  [
    "Conv2DBackpropInput",
    {
      inputs: [floats([2, 5, 5, 20], 2), floats([3, 3, 6, 20], 3)],
      outputs: [{ shape: [2, 9, 9, 6] }],
      attributes: { ...conv, strides: [2, 2] },
    },
  ],
  [
    "Conv2DBackpropFilter",
    {
      inputs: [floats([20, 9, 9, 3], 2), floats([20, 9, 9, 20], 3)],
      outputs: [{ shape: [3, 3, 3, 20] }],
      attributes: conv,
    },
  ],
  ["Sum", { inputs: [floats([5000, 7])], outputs: [{ shape: [7] }], attributes: { axes: [0] } }],
  ["Max", { inputs: [floats([9, 700])], outputs: [{ shape: [9] }], attributes: { axes: [1] } }],
  ["GlobalNorm", { inputs: [floats([20_001])], outputs: [{ shape: [1] }] }],
  ["Softmax", { inputs: [floats([9, 300])], outputs: [{ shape: [9, 300] }] }],
  [
    "SoftmaxCrossEntropyGrad",
    {
      inputs: [floats([5, 50]), integersOf([5], [0, 7, 49, 50, 3]), floats([5], 2)],
      outputs: [{ shape: [5, 50] }],
      attributes: { kind: "sparse" },
    },
  ],
  [
    "CountCorrect",
    {
      inputs: [floats([600, 3]), floats([600, 3], 2)],
      outputs: [{ shape: [1] }],
      attributes: { kind: "one-hot" },
    },
  ],
];

for (const [index, [op, spec]] of cases.entries()) {
  test(`${op} with shared memory agrees with the plain form (${index})`, async () => {
    const [plain] = await runCall(op, spec);
    const [shared] = await runCall(op, { ...spec, device });
    const [again] = await runCall(op, { ...spec, device });
    const known = (value: number) => (Number.isNaN(value) ? 1e9 : value);
    const [left, right] = [shared as Float32Array, plain as Float32Array];
    expect(relativeError(left.map(known), right.map(known))).toBeLessThan(3e-6);
    expect(again).toEqual(shared);
  });
}
