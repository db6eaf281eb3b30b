import { adam, compile } from "@hone/core";
import { createModel } from "@hone/core/models";
import { digits } from "@hone/data";
import { expect, test } from "vitest";
import { webgpu as whole } from "./index.js";
import { kernels } from "./kernels/index.js";
import { predictKernels } from "./kernels/predict.js";
import { webgpu } from "./predict.js";
import { numbers, useSoftwareDriver } from "./test/run-call.js";

useSoftwareDriver();

test("on webgpu of /predict a model predicts what it does on the whole backend, and does not train", async () => {
  const { train } = await digits({ train: 64, test: 10 });
  const rows = numbers([40 * 784]).map(Math.abs);
  const model = createModel("cnn", { seed: 1 }) as never;
  const found = [];
  for (const make of [webgpu, whole]) {
    const device = await make().open();
    const session = await compile(model, { device, optimizer: adam(1e-3), seed: 1 });
    found.push(await session.predict(rows));
    if (make === webgpu) {
      expect(Object.keys(predictKernels)).toEqual(device.target.ops);
      await expect(session.fit(train, { epochs: 1 })).rejects.toMatchObject({
        kind: "LacksOp",
        message: expect.stringMatching(/GlobalNorm.*one from an entry "predict" only predicts/),
      });
    }
    await session.close();
    await device.close();
  }
  expect(found[0]).toEqual(found[1]);
  for (const op of Object.keys(predictKernels)) expect(kernels[op]).toBe(predictKernels[op]);
});
