/** Networks of the zoo as a visitor gives them: model.json and its weights, as a page's file input takes them. */
import { encodeModel } from "@hone/core/io";
import { mlp, mobilenet } from "@hone/core/models";

const MODELS = {
  mobilenet: () => mobilenet({ size: 64, alpha: 0.25, classes: 10, seed: 1 }),
  mlp: () => mlp({ seed: 1 }),
};

/** @returns {Promise<{ name: string, mimeType: string, buffer: Buffer }[]>} model.json first */
export async function givenFront(name = "mobilenet") {
  const model = MODELS[name]();
  const files = Object.entries(await encodeModel(model));
  return files
    .sort(([one], [other]) => Number(other.endsWith(".json")) - Number(one.endsWith(".json")))
    .map(([file, bytes]) => ({
      name: file,
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    }));
}
