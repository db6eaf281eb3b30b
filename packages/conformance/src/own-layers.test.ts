/** The layers of `@hone/core/models`, one at a time: beside stock tfjs, against slopes, and saved. */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core";
import * as own from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { io, type Tensor, tensor } from "@tensorflow/tfjs-core";
import { layers, loadLayersModel, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stepFaults } from "./against-tfjs/test/harness.js";
import { type Build, rivalry } from "./against-tfjs/test/rivalry.js";
import { slopeFaults } from "./against-tfjs/test/slope.js";

type Layer = ReturnType<typeof own.rmsNorm>;
const one =
  (layer: () => Layer): Build =>
  (x) =>
    layer().apply(x) as SymbolicTensor;

const sequence = [5, 4] as const;
const picture = [4, 3, 6] as const;

/** Attention to another sequence, of another width. */
const across: Build = (x) => {
  const shorter = layers.averagePooling1d({ poolSize: 2, strides: 1 }).apply(x);
  const other = layers.dense({ units: 3 }).apply(shorter);
  return own
    .multiHeadAttention({ heads: 2, keySize: 3 })
    .apply([x, other as SymbolicTensor]) as SymbolicTensor;
};

const divergence: Build = (x) => {
  const mean = layers.dense({ units: 3 }).apply(x) as SymbolicTensor;
  const logVariance = layers.dense({ units: 3 }).apply(x) as SymbolicTensor;
  return own.gaussianDivergence({ weight: 0.5 }).apply([mean, logVariance]) as SymbolicTensor;
};

function adapted(): Layer {
  const layer = own.normalization();
  layer.adapt([1, 2, 3, 4, 5, 7, 9, 12], 4);
  return layer;
}

const CASES: Readonly<Record<string, () => ReturnType<ReturnType<typeof rivalry>>>> = {
  "layerNormalization over the last axis": rivalry(sequence, one(own.layerNormalization)),
  "layerNormalization over two axes": rivalry(
    picture,
    one(() => own.layerNormalization({ axis: [-1, 1], epsilon: 1e-5 })),
  ),
  "layerNormalization without weights": rivalry(
    sequence,
    one(() => own.layerNormalization({ axis: 1, scale: false, center: false })),
  ),
  rmsNorm: rivalry(sequence, one(own.rmsNorm)),
  groupNormalization: rivalry(
    picture,
    one(() => own.groupNormalization({ groups: 3 })),
  ),
  "groupNormalization of sequences": rivalry(
    sequence,
    one(() => own.groupNormalization({ groups: 2 })),
  ),
  normalization: rivalry(sequence, one(adapted)),
  "positionalEmbedding, learned": rivalry(
    sequence,
    one(() => own.positionalEmbedding({ length: 7, seed: 3 })),
  ),
  "positionalEmbedding, sinusoidal": rivalry(
    sequence,
    one(() => own.positionalEmbedding({ kind: "sinusoidal" })),
  ),
  multiHeadAttention: rivalry(
    sequence,
    one(() => own.multiHeadAttention({ heads: 2, seed: 3 })),
  ),
  "multiHeadAttention, causal": rivalry(
    sequence,
    one(() => own.multiHeadAttention({ heads: 1, keySize: 3, causal: true })),
  ),
  "multiHeadAttention across": rivalry(sequence, across),
  gaussianDivergence: rivalry([4], divergence),
  fixedBatchNormalization: rivalry(
    picture,
    one(() => own.fixedBatchNormalization()),
  ),
};

let devices: Device[];
let exact: Device;
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
  exact = await cpu({ precision: 64, worker: false }).open();
});
afterAll(async () => {
  for (const device of [...devices, exact]) await device.close();
});

const made = (name: string) => (CASES[name] as () => ReturnType<ReturnType<typeof rivalry>>)();

test.each(Object.keys(CASES))("20 steps of %s are tfjs's", async (name) => {
  expect(await stepFaults(devices, made(name), { batch: 4, steps: 20 })).toEqual([]);
});

test.each(Object.keys(CASES))("the gradients of %s are slopes of the loss", async (name) => {
  expect(await slopeFaults(exact, made(name))).toEqual([]);
});

test.each(Object.keys(CASES))("%s computes the same once it is saved and read", async (name) => {
  own.registerLayers();
  const { model } = made(name);
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    }),
  );
  // As a file has it.
  const { weightData, ...rest } = saved as io.ModelArtifacts;
  const artifacts = { ...JSON.parse(JSON.stringify(rest)), weightData };
  const read = await loadLayersModel(io.fromMemory(artifacts));
  const [, ...row] = (model.inputs[0] as SymbolicTensor).shape as number[];
  const length = row.reduce((product, extent) => product * extent, 2);
  const x = tensor(
    Float32Array.from({ length }, (_, at) => Math.sin(at)),
    [2, ...row],
  );
  const of = (one: typeof model) => (one.predict(x) as Tensor).dataSync();
  expect(of(read as typeof model)).toEqual(of(model));
});
