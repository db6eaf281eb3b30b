import "@tensorflow/tfjs-backend-cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { backends } from "./backends.js";
import * as hone from "./index.js";
import { adam, cnn, compile, digits, fashionMnist, fastest, mlp, pickFastest } from "./index.js";

test("the example of the guide runs as it is written, from this one import", async () => {
  const { train, test } = await fashionMnist({ download: false });
  const model = cnn({ seed: 7 });
  const device = await fastest({ for: model });
  const session = await compile(model, { device, optimizer: adam(1e-3), seed: 7 });
  const some = hone.takeRows(train, 0, 1280);
  const history = await session.fit(some, { epochs: 1, batchSize: 64, validation: 0.1 });
  const result = await session.evaluate(hone.takeRows(test, 0, 640));
  await session.writeBack(model);
  expect(device.info.backend).toBe("wasm");
  expect(history.steps).toBe(18);
  expect(result.loss).toBeLessThan(2.3);
  await device.close();
});

test("wasm is given first beside a software GPU, which is measured and left, or moved to, as the figures say", async () => {
  const { train } = await digits({ train: 640, test: 64 });
  const model = mlp({ units: [256, 128], seed: 3 });
  const device = await fastest({ for: model, store: false });
  expect(device.info.backend).toBe("wasm");
  const session = await compile(model, { device });
  const records = session.steps(train, { epochs: 100_000 });
  const moves: hone.Moved[] = [];
  const looking = (async () => {
    for await (const record of records) if (record.kind === "moved") moves.push(record);
  })();
  await device.settled;
  await new Promise((resolve) => setTimeout(resolve, 500));
  await records.return(undefined);
  await looking;
  const [chosen, ...others] = device.candidates;
  expect(chosen?.figures?.stepMs).toBeGreaterThan(0);
  for (const { outcome, figures } of others) {
    expect(outcome).toMatch(/slower|dropped|refused/);
    if (outcome === "slower") {
      expect(figures?.totalMs).toBeGreaterThan(chosen?.figures?.totalMs ?? Number.NaN);
    }
  }
  expect(session.device.info.backend).toBe(chosen?.name);
  expect(moves.length).toBe(chosen?.name === "wasm" ? 0 : 1);
  await device.close();
});

test("backends may be given, and those that are not asked are not loaded", async () => {
  const [, wasm] = backends();
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
  for (const choose of [fastest, pickFastest]) {
    const options = {
      for: model,
      loss: "meanSquaredError",
      mode: "predict",
      store: false,
    } as const;
    const device = await choose({ ...options, backends: [wasm as hone.Backend] });
    expect(device.candidates.map(({ name }) => name)).toEqual(["wasm"]);
    await device.close();
  }
});

test("what is wrong is refused as core refuses it", async () => {
  await expect(fastest({ model: 3 } as never)).rejects.toThrow(/there is no option "model"/);
  await expect(fastest(3 as never)).rejects.toThrow(/fastest: the options are 3\. Give an object/);
  await expect(pickFastest({ backends: [] })).rejects.toThrow(/Give a list of backends/);
});
