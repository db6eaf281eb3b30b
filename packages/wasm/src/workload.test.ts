import { GraphBuilder, planEntry } from "@hone/core/internals";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { workloadOf } from "./workload.js";

/** What a convolution of `batch` images by a filter of 3 by 3 is said to take. */
async function convolutionOf(batch: number): Promise<number> {
  const device = await wasm({ worker: false, threads: 1 }).open();
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [batch, 12, 12, 8]);
  const filter = builder.persistent("filter", "input", [3, 3, 8, 16]);
  const window = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1] };
  const y = builder.op("Conv2D", [x, filter], window);
  builder.opInto("Relu", [y], builder.persistent("y", "metric", builder.shape(y)));
  const entry = planEntry("convolution", builder.build(), device.target);
  await device.close();
  return workloadOf(entry);
}

test("work grows with the batch, also where a batch is as large as a filter", async () => {
  const products = 2 * 10 * 10 * 16 * 3 * 3 * 8;
  const one = await convolutionOf(1);
  expect(one).toBeGreaterThan(products);
  expect(one).toBeLessThan(1.2 * products);
  for (const batch of [2, 3, 4]) {
    const work = (await convolutionOf(batch)) / batch;
    expect(work).toBeGreaterThan(0.97 * one);
    expect(work).toBeLessThanOrEqual(one);
  }
});

test("a program by hand that tells no operations is weighed by what it touches", () => {
  const a = { block: "a", byteOffset: 0, shape: [50], dtype: "float32" } as const;
  const calls = [{ op: "Neg", inputs: [a], outputs: [a], attributes: {} }];
  expect(workloadOf({ name: "neg", blocks: [], buffers: {}, constants: [], calls })).toBe(400);
});
