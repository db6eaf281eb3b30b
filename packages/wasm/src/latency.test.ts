import { compile, type Session } from "@hone/core";
import { createModel } from "@hone/core/models";
import { digits } from "@hone/data";
import { expect, test } from "vitest";
import { type WasmOptions, wasm } from "./index.js";
import { numbers } from "./test/one-op.js";

const { train } = await digits({ train: 320, test: 10 });

async function expectSameBits(near: Session<never>, far: Session<never>): Promise<void> {
  for (const count of [1, 2, 3, 5, 8, 9]) {
    const rows = numbers(count * 784).map(Math.abs);
    expect(await near.predict(rows), `${count} rows`).toEqual(await far.predict(rows));
  }
}

test.each<[string, WasmOptions]>([
  ["cnn", {}],
  ["cnn", { threads: 3 }],
  ["cnn-tuned", {}],
  ["mlp", { relaxed: false }],
  ["mlp", { worker: false, threads: 1 }],
])(
  "with latency %s on wasm(%o) predicts the same bits, untrained and trained",
  async (name, options) => {
    const device = await wasm(options).open();
    const model = createModel(name, { seed: 1 }) as never;
    const near = await compile(model, { device, seed: 1, latency: true });
    const far = await compile(model, { device, seed: 1 });
    await expectSameBits(near, far);
    for (let epoch = 0; epoch < 2; epoch++) {
      await near.fit(train, { epochs: 1 });
      await far.fit(train, { epochs: 1 });
      await expectSameBits(near, far);
    }
    near.close();
    far.close();
    await device.close();
  },
);

test("wasm computes on the calling thread, with one thread and the arithmetic of its worker's", async () => {
  for (const relaxed of [true, false]) {
    const device = await wasm({ relaxed, threads: 2 }).open();
    const local = await device.local?.();
    expect(local?.info).toMatchObject({ numerics: device.info.numerics, threads: 1 });
    await device.close();
  }
  const here = await wasm({ worker: false }).open();
  expect(here.local).toBeUndefined();
  await here.close();
});
