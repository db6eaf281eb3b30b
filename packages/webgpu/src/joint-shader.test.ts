/** Programs whose launches go together give the bits of those whose launches stand alone. */
import type { Call, TypedArray } from "@hone/core/backend";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WebgpuDevice } from "./device.js";
import type { LoweredEntry } from "./dispatch.js";
import { lowering } from "./lowering.js";
import { entryOf, operandOf } from "./test/operands.js";
import { numbers, openGpu } from "./test/run-call.js";

const ROWS = 70;
const COLUMNS = 40;
const x = operandOf("x", [ROWS, COLUMNS]);
const w = operandOf("w", [COLUMNS, 24]);
const labels = operandOf("labels", [ROWS], "int32");
const given: Readonly<Record<string, TypedArray>> = {
  x: numbers([ROWS, COLUMNS], 1),
  w: numbers([COLUMNS, 24], 2),
  labels: Int32Array.from({ length: ROWS }, (_, row) => (row * 7) % COLUMNS),
};

const call = (op: string, inputs: Call["inputs"], outputs: Call["outputs"], attributes = {}) => ({
  op,
  inputs,
  outputs,
  attributes,
});
const made = (name: string, shape: readonly number[]) => operandOf(name, shape);
const [exp, product, soft] = [
  made("exp", x.shape),
  made("product", [ROWS, 24]),
  made("soft", x.shape),
];
const [columns, rows, tops] = [
  made("columns", [COLUMNS]),
  made("rows", [ROWS]),
  made("tops", [ROWS]),
];
const matMul = { transposeA: false, transposeB: false, activation: "linear" };
const crossEntropy = { kind: "sparse" };

/** Three calls that wait for others, the rest for none. */
const calls: readonly Call[] = [
  call("Exp", [x], [exp]),
  call("BatchMatMul", [x, w], [product], matMul),
  call("Softmax", [x], [soft]),
  call("Sum", [x], [columns], { axes: [0] }),
  call("Sum", [x], [rows], { axes: [1] }),
  call("Max", [x], [tops], { axes: [1] }),
  call("SoftmaxCrossEntropy", [x, labels], [made("losses", [ROWS])], crossEntropy),
  call("CountCorrect", [x, labels], [made("right", [1])], crossEntropy),
  call("BatchMatMul", [x, x], [made("square", [COLUMNS, COLUMNS])], {
    ...matMul,
    transposeA: true,
  }),
  call("Transpose", [w], [made("turned", [24, COLUMNS])], { perm: [1, 0] }),
  call("Concat", [x, x], [made("twice", [ROWS, 2 * COLUMNS])], { axis: 1 }),
  call("Multiply", [exp, soft], [made("both", x.shape)]),
  call("BatchMatMul", [soft, w], [made("after", [ROWS, 24])], matMul),
  call("Sum", [product], [made("ends", [24])], { axes: [0] }),
];
const results = calls.map(({ outputs }) => outputs[0]?.block as string);

async function run(device: WebgpuDevice, some: readonly Call[]): Promise<TypedArray[]> {
  const entry = entryOf("some", some);
  const executable = await device.load({ entries: [entry] });
  try {
    for (const [name, data] of Object.entries(given)) {
      if (name in entry.buffers) executable.write(name, data);
    }
    executable.run("some", { first: 0, steps: 1 });
    return await executable.read(some.map(({ outputs }) => outputs[0]?.block as string));
  } finally {
    executable.dispose();
  }
}

for (const cooperative of [false, true]) {
  const form = cooperative ? "with shared memory" : "without shared memory";
  let together: WebgpuDevice;
  let apart: WebgpuDevice;
  beforeAll(async () => {
    together = await openGpu({ cooperative, joint: true });
    apart = await openGpu({ cooperative, joint: false });
  });
  afterAll(() => Promise.all([together.close(), apart.close()]));

  test(`calls that go together give the bits that they give alone, ${form}`, async () => {
    const { dispatches } = (await lowering({ cooperative, joint: true }).lower(
      entryOf("some", calls),
      together.info,
    )) as LoweredEntry;
    expect(dispatches.length).toBeLessThan(calls.length / 2);
    const [found, expected] = [await run(together, calls), await run(apart, calls)];
    for (const [index, name] of results.entries()) {
      expect(found[index], name).toEqual(expected[index]);
      expect(
        found[index]?.some((value) => value !== 0),
        name,
      ).toBe(true);
    }
  });
}
