/** In a process of tfjs without any backend, as in a page that has tfjs-core and tfjs-layers alone. */

import { cpu } from "@hone/cpu";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { adam, compile } from "./index.js";
import { decodeModel, encodeModel, loadModel } from "./io/index.js";
import { mlp } from "./models/index.js";

test("without a tfjs backend a model is made, trained, written back, saved and loaded, and none is registered", async () => {
  expect(() => core.tensor1d([1])).toThrow(/No backend found/);
  const model = mlp({ seed: 3 });
  const first = model.weights[0]?.read().dataSync().slice();
  const device = await cpu({ worker: false }).open();
  const session = await compile(model, { device, optimizer: adam(1e-2), seed: 1 });
  const x = Float32Array.from({ length: 8 * 784 }, (_, at) => (at % 7) / 7);
  await session.trainOnBatch(x, Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
  await session.writeBack(model);
  const trained = model.weights[0]?.read().dataSync();
  expect(trained).not.toEqual(first);
  const files = await encodeModel(model);
  const decoded = await decodeModel({
    where: "files",
    json: files["model.json"] as Uint8Array,
    size: async (path) => files[path]?.length ?? 0,
    read: async (path) => files[path] as Uint8Array<ArrayBuffer>,
  });
  const loaded = await loadModel(decoded, { core, layers });
  expect(loaded.weights[0]?.read().dataSync()).toEqual(trained);
  expect(core.engine().registryFactory).toEqual({});
  expect(() => core.tensor1d([1])).toThrow(/No backend found/);
  await session.close();
  await device.close();
});

test("what was made without a backend moves to one that comes later, and its memory is given back", async () => {
  const model = mlp({ seed: 3 });
  const values = model.weights.map((weight) => weight.read().dataSync().slice());
  await import("@tensorflow/tfjs-backend-cpu");
  const images = core.ones([2, 28, 28]);
  const [first] = (model.predict(images) as core.Tensor).arraySync() as number[][];
  expect(first?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  expect(model.weights.map((weight) => weight.read().dataSync())).toEqual(values);
  const before = core.memory().numTensors;
  model.dispose();
  expect(core.memory().numTensors).toBe(before - values.length);
});
