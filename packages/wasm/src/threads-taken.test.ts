/** Which threads steps ran on is told: by the device, by each epoch, by explain. */
import { compile, type Dataset, type EpochEnd } from "@hone/core";
import { mlp } from "@hone/core/models";
import { expect, test } from "vitest";
import { wasm } from "./index.js";

const rows = 200;
const plain = { scale: 1, offset: 0 };
const data: Dataset = {
  name: "noise",
  rows,
  columns: {
    x: {
      data: Float32Array.from({ length: rows * 784 }, (_, at) => Math.sin(at)),
      shape: [28, 28, 1],
      ...plain,
    },
    y: { data: Uint8Array.from({ length: rows }, (_, at) => at % 10), shape: [], ...plain },
  },
};

async function trained(options: Parameters<typeof wasm>[0]) {
  const device = await wasm(options).open();
  const session = await compile(mlp({ seed: 7 }), { device, seed: 7 });
  const ends: EpochEnd[] = [];
  const onRecord = (record: { readonly kind: string }) => {
    if (record.kind === "epoch-end") ends.push(record as EpochEnd);
  };
  const before = await session.explain({ batchSize: 32 });
  await session.fit(data, { epochs: 3, batchSize: 32, onRecord });
  const whole = await session.explain({ batchSize: 32 });
  const rest = await session.explain({ batchSize: 8 });
  await session.close();
  await device.close();
  return { before, whole, rest, ends };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test("a team of two tells of every step, and each epoch of its mean", async () => {
  const { before, whole, rest, ends } = await trained({ threads: 2, shareFrom: 0 });
  expect(before.threads).toEqual([]);
  expect(whole.threads).toHaveLength(2);
  expect(sum(whole.threads)).toBe(3 * 6);
  expect(sum(rest.threads)).toBe(3);
  expect(whole.text).toMatch(/of its steps ran on [12] of 2 threads$/);
  const taken = [0, 1].map((index) => (whole.threads[index] ?? 0) + (rest.threads[index] ?? 0));
  const mean = ((taken[0] ?? 0) + 2 * (taken[1] ?? 0)) / (3 * 7);
  expect(sum(ends.map(({ threads }) => threads ?? Number.NaN)) / 3).toBeCloseTo(mean, 10);
});

test("one thread has nothing to tell", async () => {
  const { whole, ends } = await trained({ threads: 1 });
  expect(whole.threads).toEqual([]);
  expect(ends.map((end) => "threads" in end)).toEqual([false, false, false]);
});
