/** Models of the command line: of the zoo by name, and saved ones for the readers of `@hone/core/io`. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { classNamesOf, type Dataset, HoneError } from "@hone/core";
import { decodeModel, loadModel, type ModelFiles } from "@hone/core/io";
import { createModel, isModelName, type ModelOptions, zoo } from "@hone/core/models";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { type CommandSpec, misuse } from "./arguments.js";
import { isAbsent, readInput } from "./files/read-input.js";
import { checkInputs, type Judging, type JudgingChoice, judgingFor } from "./judging-option.js";

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
 * model read, before there is data; a model of the zoo then tells the data's classes apart.
 * @throws as `openModel`; UnsupportedModel for one of several inputs; the function given back as `judgingFor`
 */
export async function openModelFor(
  command: Pick<CommandSpec, "name">,
  name: string,
  seed: number,
  choice: JudgingChoice = {},
): Promise<(data: Dataset) => JudgedModel> {
  const saved = isModelName(name) ? undefined : await openModel(command, name, { seed });
  if (saved) checkInputs(saved, name);
  return (data) => {
    const model = saved ?? createModel(name, { seed, ...classesOf(data) });
    return { model, judging: judgingFor(command, model, data, choice) };
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

/** For a model of the zoo, which tells at least two classes apart; nothing of data without class names. */
export function classesOf(data: Dataset): Pick<ModelOptions, "classes"> {
  const names = classNamesOf(data);
  return names === undefined ? {} : { classes: Math.max(2, names.length) };
}

/**
 * The model of a `model.json`, or of the folder it is in.
 * @throws BadModelFile, naming the file.
 */
export async function readModel(place: string): Promise<SavedModel> {
  const decoded = await decodeWhole(place);
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
