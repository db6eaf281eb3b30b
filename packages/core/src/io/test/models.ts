/** Models, and a folder in memory, for the tests of this folder. */
import "@tensorflow/tfjs-backend-cpu";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { expect } from "vitest";
import { isHoneError } from "../../errors.js";
import { decodeModel, loadModel, type ModelFiles } from "../index.js";

export type Files = Record<string, Uint8Array>;

export function asModelFiles(files: Files, where = "saved/model.json"): ModelFiles {
  const get = (name: string): Uint8Array => {
    const bytes = files[name];
    if (bytes === undefined) throw new Error(`no file ${name}`);
    return bytes;
  };
  return {
    where,
    json: get("model.json"),
    size: async (name) => get(name).length,
    read: async (name) => get(name),
  };
}

export async function load(files: Files): Promise<layers.LayersModel> {
  return loadModel(await decodeModel(asModelFiles(files)), { core, layers });
}

export function smallCnn(): layers.LayersModel {
  return layers.sequential({
    layers: [
      layers.layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, name: "conv" }),
      layers.layers.batchNormalization({ name: "norm" }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 4, activation: "softmax", name: "out" }),
    ],
  });
}

export function branching(): layers.LayersModel {
  const input = layers.input({ shape: [4], name: "in" });
  const shared = layers.layers.dense({ units: 4, name: "shared" });
  const inner = layers.sequential({
    name: "inner",
    layers: [layers.layers.dense({ units: 4, inputShape: [4], name: "inner-dense" })],
  });
  const twice = shared.apply(shared.apply(input)) as layers.SymbolicTensor;
  const nested = inner.apply(input) as layers.SymbolicTensor;
  const output = layers.layers.add({ name: "sum" }).apply([twice, nested]);
  return layers.model({ inputs: input, outputs: output as layers.SymbolicTensor });
}

/** The one line of a load that must be refused. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (!isHoneError(error, "BadModelFile")) throw error;
  expect(error.message).toMatch(/^\[hone\] saved\/[^\n]*\. [^\n]+\.$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  return error.message;
}
