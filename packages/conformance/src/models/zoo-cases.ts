/** The zoo's models beyond the small pictures, at sizes that a test has time for, with rows for each. */
import { type NamedLoss, RandomStream, sizeOf } from "@hone/core/internals";
import { createModel, type ModelName, zoo } from "@hone/core/models";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { floatColumn, labelsFor, wholeColumn } from "./rows.js";
import { traineeOf } from "./trainee.js";
import type { Trainee, TrainingColumn, TrainingRows } from "./trainer.js";

const STREAM = 0x200;
const SEED = 7;

const text = { vocabulary: 20, length: 6 };
const read = { ...text, width: 8, heads: 2, classes: 3 };

/** Options of each. */
export const ZOO_CASES = {
  mobilenet: { alpha: 0.125, size: 64, classes: 3 },
  "mobilenet-v2": { alpha: 0.1, size: 32, classes: 3 },
  resnet: { size: 12, width: 4, blocks: 1, classes: 3 },
  unet: { size: 16, width: 4, depth: 2, classes: 3 },
  autoencoder: { size: [8, 12], width: 3, code: 5 },
  vae: { size: 6, units: 9, code: 4 },
  "lstm-text": { ...text, width: 5, units: 7, classes: 3 },
  "gru-series": { length: 6, features: 2, units: 5, outputs: 2 },
  transformer: { ...read, blocks: 1 },
  gpt: { ...text, width: 8, heads: 2, blocks: 2 },
} as const satisfies Partial<Readonly<Record<ModelName, object>>>;

export type ZooCaseName = keyof typeof ZOO_CASES;
export const ZOO_CASE_NAMES = Object.keys(ZOO_CASES) as readonly ZooCaseName[];

const create = (name: ZooCaseName, others: object = {}) =>
  createModel(name, { seed: SEED, ...ZOO_CASES[name], ...others });

/**
 * The model, small. By a batch's statistics a step through the 52 normalisations of the second MobileNet is mostly
 * rounding, also on the reference: its own are fixed here, and all of it trains.
 */
export const zooCaseModel = (name: ZooCaseName) =>
  name === "mobilenet-v2" ? zooCaseStill(name) : create(name);

/** The same where rounding must stay small: deep normalisations keep to their moving statistics. */
export function zooCaseStill(name: ZooCaseName): LayersModel {
  if (!name.startsWith("mobilenet")) return create(name);
  const model = create(name, { size: 32, frozen: true });
  for (const layer of model.layers) layer.trainable = true;
  return model;
}

/** As its task says. */
export function zooCaseTrainee(name: ZooCaseName, model: LayersModel): Trainee {
  const { task, defaults } = zoo[name];
  return traineeOf(model, {
    name,
    loss: task.loss as string,
    metrics: [],
    optimizer: defaults.optimizer,
  });
}

/** Pictures from 0 to 1, words or numbers, and labels as the model's task has them. */
export function zooCaseRows(name: ZooCaseName, model: LayersModel, rows: number): TrainingRows {
  const { task } = zoo[name];
  const rowOf = (tensor: SymbolicTensor | undefined) => tensor?.shape.slice(1) as number[];
  const [input, output] = [rowOf(model.inputs[0]), rowOf(model.outputs[0])];
  const random = new RandomStream(SEED, STREAM);
  const length = rows * sizeOf(input);
  const { vocabulary } = ZOO_CASES[name] as { readonly vocabulary?: number };
  const draw = (): TrainingColumn => {
    if (vocabulary !== undefined) {
      const words = Int32Array.from({ length }, () => random.nextInteger(vocabulary));
      return wholeColumn(words, input);
    }
    return floatColumn(
      input,
      Float32Array.from({ length }, () => random.nextFloat()),
    );
  };
  const x = draw();
  if (task.learns === "input") {
    const none = floatColumn([1], new Float32Array(rows));
    return { rows, inputs: [x], labels: [x, ...(task.zeros ?? []).map(() => none)] };
  }
  const loss = { name: task.loss as NamedLoss["name"] };
  return { rows, inputs: [x], labels: [labelsFor(loss, rows, output, random)] };
}
