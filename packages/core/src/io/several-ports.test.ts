/** Models of several inputs and outputs: saved, loaded, and trained on. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { twoPorts, twoPortsData } from "../run/test/two-ports.js";
import { encodeModel } from "./index.js";
import { load } from "./test/models.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const data = twoPortsData(24);
const judged = {
  loss: { age: "meanSquaredError", kind: "sparseCategoricalCrossentropy" },
  metrics: { age: "mae", kind: "acc" },
  optimizer: sgd(0.1),
} as const;
const settings = { epochs: 2, batchSize: 8, shuffle: false } as const;

test("a model of two inputs and two outputs comes back with its names, predicts alike and learns on alike", async () => {
  const model = twoPorts();
  const session = await compile(model, { device, ...judged });
  await session.fit(data, settings);
  await session.writeBack(model);

  const loaded = await load(await encodeModel(model));
  expect([loaded.inputNames, loaded.outputNames]).toEqual([
    ["size", "place"],
    ["age", "kind"],
  ]);
  const again = await compile(loaded, { device, ...judged });
  const rows = { size: [[1, 2, 3]], place: [[-1, 0.5]] };
  const [before, after] = [await session.predict(rows), await again.predict(rows)];
  expect(Object.keys(after.byOutput)).toEqual(["age", "kind"]);
  expect(after.byOutput).toEqual(before.byOutput);

  const [one, other] = [await session.fit(data, settings), await again.fit(data, settings)];
  expect(Object.keys(other.history)).toEqual([
    ...["loss", "age_loss", "kind_loss", "age_mae", "kind_acc"],
  ]);
  expect(other.history).toEqual(one.history);
  expect(other.history.loss?.[1]).toBeLessThan(other.history.loss?.[0] as number);
  const values = async (from: typeof again) =>
    (await from.weights()).map((weight) => [...weight.values]);
  expect(await values(again)).toEqual(await values(session));
  session.close();
  again.close();
});

test("a loaded model with compile settings by output brings them along", async () => {
  const model = twoPorts();
  const { loss, metrics } = judged;
  model.compile({ optimizer: tfc.train.sgd(0.1), loss, metrics: { ...metrics } });
  let artifacts: tfc.io.ModelArtifacts | undefined;
  const handler = tfc.io.withSaveHandler(async (given) => {
    artifacts = given;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
  });
  await model.save(handler, { includeOptimizer: true });
  const { weightData, weightSpecs, ...rest } = artifacts as tfc.io.ModelArtifacts;
  const json = { ...rest, weightsManifest: [{ paths: ["w.bin"], weights: weightSpecs }] };
  const loaded = await load({
    "model.json": new TextEncoder().encode(JSON.stringify(json)),
    "w.bin": new Uint8Array(weightData as ArrayBuffer),
  });
  const session = await compile(loaded, { device });
  const { figures } = await session.evaluate(data);
  expect(Object.keys(figures)).toEqual(["loss", "age_loss", "kind_loss", "age_mae", "kind_acc"]);
  expect(session.optimizer.kind).toBe("sgd");
  session.close();
});
