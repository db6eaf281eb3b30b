import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { encodeModel } from "./index.js";
import { branching, type Files, load, smallCnn } from "./test/models.js";

function predict(model: layers.LayersModel, seed: number): number[] {
  const shape = model.inputs[0]!.shape.map((size) => size ?? 2);
  const result = model.predict(core.randomNormal(shape, 0, 1, "float32", seed)) as core.Tensor;
  return [...result.dataSync()];
}

/** What stock tfjs makes of our files, through its own in-memory handler. */
async function openInStockTfjs(files: Files): Promise<layers.LayersModel> {
  const json = JSON.parse(new TextDecoder().decode(files["model.json"]));
  const [{ paths, weights }] = json.weightsManifest;
  const parts = (paths as string[]).map((path) => new Uint8Array(files[path]!).buffer);
  return layers.loadLayersModel(
    core.io.fromMemory({
      modelTopology: json.modelTopology,
      format: json.format,
      weightSpecs: weights,
      weightData: core.io.concatenateArrayBuffers(parts),
    }),
  );
}

/** What stock tfjs saves, as files. */
async function saveInStockTfjs(model: layers.LayersModel): Promise<Files> {
  let artifacts: core.io.ModelArtifacts | undefined;
  await model.save(
    core.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
    { includeOptimizer: true },
  );
  const { weightData, weightSpecs, ...rest } = artifacts!;
  const json = { ...rest, weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }] };
  return {
    "model.json": new TextEncoder().encode(JSON.stringify(json)),
    "weights.bin": new Uint8Array(weightData as ArrayBuffer),
  };
}

for (const [name, make] of Object.entries({ sequential: smallCnn, functional: branching })) {
  test(`a ${name} model that Hone saves opens in stock tfjs and predicts the same`, async () => {
    const model = make();
    const opened = await openInStockTfjs(await encodeModel(model));
    expect(predict(opened, 3)).toEqual(predict(model, 3));
  });

  test(`a ${name} model that stock tfjs saves opens in Hone and predicts the same`, async () => {
    const model = make();
    expect(predict(await load(await saveInStockTfjs(model)), 3)).toEqual(predict(model, 3));
  });
}

test("a model that a browser downloaded opens: its manifest says ./name", async () => {
  const model = smallCnn();
  const files = await saveInStockTfjs(model);
  const json = JSON.parse(new TextDecoder().decode(files["model.json"]));
  json.weightsManifest[0].paths = ["./weights.bin"];
  const downloaded = { ...files, "model.json": new TextEncoder().encode(JSON.stringify(json)) };
  expect(predict(await load(downloaded), 3)).toEqual(predict(model, 3));
});

test("weights of more than 4 MiB are split, and come back the same", async () => {
  const model = layers.sequential({
    layers: [layers.layers.dense({ units: 1100, inputShape: [1000], name: "wide" })],
  });
  const files = await encodeModel(model, { stem: "group2" });
  expect(Object.keys(files)).toEqual([
    "model.json",
    "group2-shard1of2.bin",
    "group2-shard2of2.bin",
  ]);
  expect(files["group2-shard1of2.bin"]!.length).toBe(4 * 2 ** 20);
  expect(predict(await load(files), 5)).toEqual(predict(model, 5));
});

test("values given to the encoder are saved in place of the model's own", async () => {
  const model = layers.sequential({
    layers: [layers.layers.dense({ units: 1, inputShape: [2], name: "line" })],
  });
  const values = [Float32Array.of(2, 3), Float32Array.of(4)];
  const loaded = await load(await encodeModel(model, { values }));
  expect(loaded.getWeights().map((weight) => [...weight.dataSync()])).toEqual([[2, 3], [4]]);
});

test("what is saved beside the model comes back with it", async () => {
  const files = await encodeModel(smallCnn(), { metadata: { classNames: ["a", "b"] } });
  expect((await load(files)).getUserDefinedMetadata()).toEqual({ classNames: ["a", "b"] });
});

test("a model saved with its optimizer brings loss and optimizer, and leaves the slots out", async () => {
  const model = smallCnn();
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  await model.fit(core.zeros([2, 8, 8, 1]), core.zeros([2, 1]), { epochs: 1, verbose: 0 });
  const files = await saveInStockTfjs(model);
  const loaded = await load(files);
  expect(loaded.loss).toBe("sparseCategoricalCrossentropy");
  expect(loaded.optimizer.getClassName()).toBe("Adam");
  expect(predict(loaded, 3)).toEqual(predict(model, 3));
});

test("loading leaves tfjs's base layer as it was, after a failure too", async () => {
  const prototype: { addWeight?: unknown } = Object(layers.layers.Layer.prototype);
  const stock = prototype.addWeight;
  const files = await encodeModel(smallCnn());
  await load(files);
  const json = new TextDecoder().decode(files["model.json"]).replace('"units":4', '"units":5');
  await expect(load({ ...files, "model.json": new TextEncoder().encode(json) })).rejects.toThrow();
  expect(prototype.addWeight).toBe(stock);
});

test.each([[[3]], [[-1]]])(
  "the axis %j of a file by Keras 2 normalises as its number does",
  async (axis) => {
    const model = smallCnn();
    const files = await encodeModel(model);
    const json = JSON.parse(new TextDecoder().decode(files["model.json"]));
    json.modelTopology.config.layers[1].config.axis = axis;
    files["model.json"] = new TextEncoder().encode(JSON.stringify(json));
    const loaded = await load(files);
    expect(predict(loaded, 3)).toEqual(predict(model, 3));
    expect(loaded.layers[1]?.getConfig().axis).toBe(axis[0]);
  },
);
