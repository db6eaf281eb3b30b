import { opCases, timeCase } from "@hone/conformance";
import { adam, compile } from "@hone/core";
import { isHoneError } from "@hone/core/backend";
import { createModel } from "@hone/core/models";
import { digits } from "@hone/data";
import { expect, test } from "vitest";
import { wasm as whole } from "./index.js";
import { lowerings } from "./kernels/index.js";
import { predictLowerings } from "./kernels/predict.js";
import { type WasmOptions, wasm } from "./predict.js";
import { numbers } from "./test/one-op.js";

const rows = numbers(300 * 784).map(Math.abs);

test.each<[string, WasmOptions]>([
  ["cnn", { threads: 2, shareFrom: 0 }],
  ["cnn-tuned", { relaxed: false }],
  ["mlp", { worker: false, threads: 1 }],
])(
  "%s predicts on wasm(%o) of /predict what it does on the whole backend",
  async (name, options) => {
    const model = createModel(name, { seed: 1 }) as never;
    const found = [];
    for (const make of [wasm, whole]) {
      const device = await make(options).open();
      const session = await compile(model, { device, seed: 1 });
      found.push(await session.predict(rows), await session.predict(rows.subarray(0, 784)));
      await session.close();
      await device.close();
    }
    expect(found.slice(0, 2)).toEqual(found.slice(2));
  },
);

test("training and evaluating are refused by the ops they lack, in the worker and here", async () => {
  const { train } = await digits({ train: 64, test: 10 });
  for (const worker of [true, false]) {
    const device = await wasm({ worker, threads: 1 }).open();
    expect([...device.target.ops].sort()).toEqual([...predictLowerings.keys()].sort());
    const model = createModel("mlp", { seed: 1 }) as never;
    const session = await compile(model, { device, optimizer: adam(1e-3), seed: 1 });
    await expect(session.fit(train, { epochs: 1 })).rejects.toMatchObject({
      kind: "LacksOp",
      message: expect.stringMatching(/GlobalNorm.*one from an entry "predict" only predicts/),
    });
    await session.close();
    await device.close();
  }
  for (const op of predictLowerings.keys()) expect(lowerings.has(op)).toBe(true);
  expect(lowerings.size).toBeGreaterThan(predictLowerings.size + 10);
});

test("every op of /predict finds all its kernels in the smaller builds", async () => {
  for (const relaxed of [true, false]) {
    const device = await wasm({ relaxed, worker: false, threads: 1 }).open();
    const ran = new Set<string>();
    for (const opCase of opCases) {
      try {
        await timeCase(device, opCase, 0);
        ran.add(opCase.op);
      } catch (error) {
        if (!isHoneError(error, "LacksOp")) throw error;
      }
    }
    expect([...predictLowerings.keys()].filter((op) => !ran.has(op))).toEqual([]);
    await device.close();
  }
});
