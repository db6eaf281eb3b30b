/** The demo's models: files without weights, filled by a seed. */
import { HoneError, openModel, type SavedModel } from "@hone/core/runtime";
import { drawWeight, type WeightSpec } from "./draw-weights.js";

/** Of the zoo, in the order of the menu; the build makes their files. */
export const MODEL_NAMES = ["mlp", "cnn", "cnn-compact", "mnist-fast"] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

/** What `models.json` tells of a model. */
export interface ModelInfo {
  readonly description: string;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly schedule: "constant" | "one-cycle";
  readonly augment: Readonly<Record<string, { readonly shift: number; readonly flip: boolean }>>;
  readonly weights: readonly WeightSpec[];
  /** How many of the weights its first layer with weights has. */
  readonly firstWeights: number;
}

let told: Promise<Readonly<Record<ModelName, ModelInfo>>> | undefined;

/** Of all models, by name. @throws BadModelFile */
export function modelInfos(): Promise<Readonly<Record<ModelName, ModelInfo>>> {
  told ??= fetched("models/models.json")
    .then((response) => response.json())
    .catch((error: unknown) => {
      told = undefined;
      throw error;
    });
  return told as Promise<Readonly<Record<ModelName, ModelInfo>>>;
}

/** The model with the first weights that this seed gives. @throws BadModelFile */
export async function openSiteModel(name: ModelName, seed: number): Promise<SavedModel> {
  const [empty, infos] = await Promise.all([openFile(name), modelInfos()]);
  return filled(empty, infos[name].weights, seed);
}

/** Its first layer with weights, as a model of its own whose weights are zeros. @throws BadModelFile */
export function openFirstLayer(name: ModelName): Promise<SavedModel> {
  return openFile(`${name}-first`);
}

function filled(empty: SavedModel, specs: readonly WeightSpec[], seed: number): SavedModel {
  const tensors = { ...empty.state.tensors };
  empty.traced.weights.forEach(({ name, shape }, index) => {
    const spec = specs[index];
    const kept = tensors[name];
    if (spec === undefined || kept === undefined || `${spec.shape}` !== `${shape}`) {
      const what = `weight ${index} of ${empty.name} is [${shape}], and models.json tells of [${spec?.shape}]. Build the demo again.`;
      throw new HoneError("BadModelFile", "models", what);
    }
    tensors[name] = { ...kept, data: drawWeight(spec, seed) };
  });
  return { ...empty, state: { ...empty.state, tensors } };
}

/** Files are compressed by the build, so that hosts which compress nothing serve them as small. */
export async function openFile(name: string): Promise<SavedModel> {
  const { body } = await fetched(`models/${name}.hone.gz`);
  if (body === null)
    throw new HoneError("BadModelFile", name, "its file is empty. Load the page anew.");
  const whole = new Response(body.pipeThrough(new DecompressionStream("gzip")));
  return openModel(await whole.arrayBuffer());
}

async function fetched(address: string): Promise<Response> {
  const response = await fetch(address).catch((cause: unknown) => {
    const what = "it does not come. Check the connection, and load the page anew.";
    throw new HoneError("BadModelFile", address, what, { cause });
  });
  if (response.ok) return response;
  const what = `it was answered ${response.status}. Serve all files of the demo.`;
  throw new HoneError("BadModelFile", address, what);
}
