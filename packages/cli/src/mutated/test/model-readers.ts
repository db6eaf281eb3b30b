/** Readers of saved models: the model.json, and the weights beside it. */
import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encodeModel } from "@hone/core/io";
import { io } from "@tensorflow/tfjs-core";
import {
  input,
  layers,
  loadLayersModel,
  model,
  type SymbolicTensor,
  sequential,
} from "@tensorflow/tfjs-layers";
import { readModel, type SavedModel } from "../../model-files.js";
import { bytesMutation, textMutation } from "./mutate.js";
import type { Reader } from "./try-input.js";

function models() {
  const image = input({ shape: [6, 6, 1], name: "image" });
  const age = input({ shape: [3], name: "age" });
  const seen = layers
    .conv2d({ filters: 2, kernelSize: 3, activation: "relu", name: "seen" })
    .apply(image);
  const normed = layers.batchNormalization({ name: "normed" }).apply(seen);
  const flat = layers.flatten({ name: "flat" }).apply(normed) as SymbolicTensor;
  const both = layers.concatenate({ name: "both" }).apply([flat, age]);
  const kind = layers.dense({ units: 3, activation: "softmax", name: "kind" }).apply(both);
  return [
    sequential({
      layers: [
        layers.dense({ units: 4, inputShape: [5], activation: "relu", name: "first" }),
        layers.dropout({ rate: 0.5, name: "sometimes" }),
        layers.dense({ units: 2, activation: "softmax", name: "last" }),
      ],
    }),
    model({ inputs: [image, age], outputs: kind as SymbolicTensor }),
  ];
}

const weightsFile = "group1-shard1of1.bin";

async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-mutated-model-"));
  for (const [name, bytes] of Object.entries(files))
    await writeFile(path.join(folder, name), bytes);
  return folder;
}

/** What stock tfjs makes of the same files; undefined when it has the same weights. */
async function objectionOfTfjs(
  json: Uint8Array,
  weights: Uint8Array,
  saved: SavedModel,
): Promise<string | undefined> {
  try {
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
    const weightSpecs = weightsManifest.flatMap((group: { weights: unknown }) => group.weights);
    const weightData = Uint8Array.from(weights).buffer;
    const loaded = await loadLayersModel(
      io.fromMemory({ modelTopology, weightSpecs, weightData }),
      { strict: false },
    ).catch((error: Error) => error);
    if (loaded instanceof Error) return `tfjs refuses it: ${loaded.message.slice(0, 300)}`;
    const [mine, theirs] = [saved.model, loaded].map((one) =>
      one.getWeights().map((weight) => [weight.shape, [...weight.dataSync()]]),
    );
    loaded.dispose();
    return JSON.stringify(mine) === JSON.stringify(theirs) ? undefined : "tfjs has other weights";
  } finally {
    saved.model.dispose();
  }
}

export async function modelReaders(): Promise<readonly Reader[]> {
  const readers: Reader<SavedModel>[] = [];
  for (const [index, one] of models().entries()) {
    const metadata = { classNames: ["a", "b", "c"], classOutput: "kind" };
    const files = await encodeModel(one, { metadata });
    const { "model.json": json, [weightsFile]: weights } = files as {
      "model.json": Uint8Array;
      [weightsFile]: Uint8Array;
    };
    const folder = await folderOf(files);
    const common = { refuses: ["BadModelFile"], budgetBytes: 64 * 2 ** 20, share: 0.5 } as const;
    const given = async (name: string, bytes: Uint8Array) => {
      await writeFile(path.join(folder, "model.json"), json);
      await writeFile(path.join(folder, weightsFile), weights);
      await writeFile(path.join(folder, name), bytes);
      return readModel(folder);
    };
    readers.push(
      {
        name: `model.json ${index + 1}`,
        samples: [json],
        mutations: [textMutation],
        read: (bytes) => given("model.json", bytes),
        objection: (bytes, saved) => objectionOfTfjs(bytes, weights, saved),
        ...common,
      },
      {
        name: `weights ${index + 1}`,
        samples: [weights],
        mutations: [bytesMutation],
        read: (bytes) => given(weightsFile, bytes),
        objection: (bytes, saved) => objectionOfTfjs(json, bytes, saved),
        ...common,
      },
    );
  }
  return readers as readonly Reader[];
}
