/** Models of the command line: of the zoo by name, and saved ones for the readers of `@hone/core/io`. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { type Dataset, HoneError } from "@hone/core";
import { decodeModel, loadModel, type ModelFiles } from "@hone/core/io";
import {
  createModel,
  isModelName,
  type ModelOptions,
  modelFitting,
  registerLayers,
  taskData,
  zoo,
} from "@hone/core/models";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { type CommandSpec, misuse } from "./arguments.js";
import { isAbsent, readInput } from "./files/read-input.js";
import {
  checkInputs,
  type Judging,
  type JudgingChoice,
  judgingFor,
  taskJudging,
} from "./judging-option.js";

/** Far above any topology; keeps a wrong file name from filling the memory. */
const longestJson = 64 * 2 ** 20;

export interface SavedModel {
  readonly model: layers.LayersModel;
  /** Names of the classes, when the model was saved by `hone train`. */
  readonly classNames?: readonly string[];
  /** The output that has these classes, where there are several. */
  readonly classOutput?: string;
}

/** A model, and what it is judged by on the data it was opened for. */
export interface JudgedModel {
  readonly model: layers.LayersModel;
  readonly judging: Judging;
  /** What it learns of such data: the data as it is, or the pictures themselves in the place of labels. */
  readonly dataFor: (data: Dataset) => Dataset;
}

/**
 * The model of the zoo of that name, or the saved model of that place.
 * @param command that was asked for it, for the help an error names
 * @throws BadArgument for a name that is neither; BadModelFile
 */
export async function openModel(
  command: Pick<CommandSpec, "name">,
  name: string,
  options: ModelOptions,
): Promise<layers.LayersModel> {
  if (isModelName(name)) return createModel(name, options);
  try {
    return (await readModel(name)).model;
  } catch (error) {
    const isPath = /[/\\.]/.test(name);
    if (isPath || !isAbsent(error)) throw error;
    throw misuse(
      command,
      `there is no model of the zoo and no folder called '${name}'`,
      Object.keys(zoo),
    );
  }
}

/**
 * The same for what trains or is measured on data, in two steps: a name that is neither is refused, and a saved
 * model read, before there is data; a model of the zoo then tells the data's classes apart, and takes its rows.
 * @param options of a model of the zoo, beside those that the data decides
 * @throws as `openModel`; UnsupportedModel for one of several inputs; the function given back as `judgingFor`
 */
export async function openModelFor(
  command: Pick<CommandSpec, "name">,
  name: string,
  seed: number,
  choice: JudgingChoice = {},
  options: object = {},
): Promise<(data: Dataset) => JudgedModel> {
  if (isModelName(name)) {
    const { task } = zoo[name];
    return (data) => {
      const model = modelFitting(name, data, { seed, ...options });
      const judging = taskJudging(command, { task, model, data, choice });
      return { model, judging, dataFor: (rows) => taskData(task, rows) };
    };
  }
  const saved = await openModel(command, name, { seed });
  checkInputs(saved, name);
  return (data) => {
    const judging = judgingFor(command, saved, data, choice);
    return { model: saved, judging, dataFor: (rows) => rows };
  };
}

/** @throws UnsupportedModel for what `hone bench` does not measure: models of several inputs or outputs */
export function checkMeasurable(model: layers.LayersModel, place: string): void {
  checkInputs(model, place);
  if (model.outputs.length === 1) return;
  throw new HoneError(
    "UnsupportedModel",
    place,
    `the model has outputs ${model.outputNames.join(", ")}, and bench measures models of one output. Give one, or time it with "hone bench kernels".`,
  );
}

/**
 * The model of a `model.json`, or of the folder it is in.
 * @throws BadModelFile, naming the file.
 */
export async function readModel(place: string): Promise<SavedModel> {
  const decoded = await decodeWhole(place);
  registerLayers();
  const model = await loadModel(decoded, { core, layers });
  const names = decoded.userDefinedMetadata?.classNames;
  const known = Array.isArray(names) && names.every((name) => typeof name === "string");
  const output = decoded.userDefinedMetadata?.classOutput;
  return {
    model,
    ...(known && { classNames: names as readonly string[] }),
    ...(typeof output === "string" && { classOutput: output }),
  };
}

const mostTries = 3;

/** A command that trains may replace the model in the middle of reading: model.json then names other weights. */
async function decodeWhole(place: string): ReturnType<typeof decodeModel> {
  for (let tries = 1; ; tries++) {
    const files = await modelFiles(place);
    try {
      return await decodeModel(files);
    } catch (error) {
      if (tries === mostTries || !isAbsent(error)) throw error;
      const { json } = await modelFiles(place);
      if (Buffer.compare(json, files.json) === 0) throw error;
    }
  }
}

async function modelFiles(place: string): Promise<ModelFiles> {
  const isFolder = (await stat(place).catch(() => undefined))?.isDirectory() ?? false;
  const where = isFolder ? path.join(place, "model.json") : place;
  const beside = (name: string) => path.join(path.dirname(where), name);
  return {
    where,
    json: await readInput(where, { ...input, longest: longestJson }),
    size: async (name) => sizeOf(beside(name)),
    read: async (name) => readInput(beside(name), input),
  };
}

const input = {
  kind: "BadModelFile",
  advice: "Give the folder of a saved model with all its files, or its model.json.",
} as const;

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return found.size;
  // Says why not.
  return (await readInput(file, input)).length;
}
