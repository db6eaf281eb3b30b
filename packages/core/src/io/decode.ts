/** The tfjs layers format (`model.json` and binary files beside it), read with suspicion. */
import { HoneError, isHoneError } from "../errors.js";
import type { TypedArray } from "../typed-array.js";
import { contentText, messageOf } from "../value-text.js";
import { badModelFile, quote } from "./bad-model-file.js";
import { isJsonObject, type JsonObject, parseJsonObject } from "./json.js";
import { parseManifest, type WeightGroup, type WeightSpec, type WeightType } from "./manifest.js";
import { checkTopology } from "./topology.js";

/** A saved model, wherever its files are. */
export interface ModelFiles {
  /** What an error calls the model.json: its path or address. */
  readonly where: string;
  /** The bytes of the model.json. */
  readonly json: Uint8Array;
  /** Bytes in a file beside it; rejects when there is none. */
  size(name: string): Promise<number>;
  /** The bytes of a file beside `model.json`. @throws when there is none */
  read(name: string): Promise<Uint8Array>;
}

/** A weight of a file, as it is there. */
export interface DecodedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightType;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** A saved model, checked. Its arrays are copies that belong to the caller. */
export interface DecodedModel {
  readonly where: string;
  readonly topology: JsonObject;
  readonly weights: readonly DecodedWeight[];
  readonly trainingConfig?: JsonObject;
  readonly userDefinedMetadata?: JsonObject;
}

/**
 * Reads and checks a model in the tfjs layers format.
 *
 * Nothing is allocated for weights before the sizes that the manifest claims agree with the sizes
 * of the files. Slots of a saved optimizer are left out.
 *
 * @throws BadModelFile, on one line that names the file: not JSON, cut short, prototype keys, file
 * names that leave the folder, unknown or quantized dtypes, sizes that disagree, NaN or Inf.
 */
export async function decodeModel(files: ModelFiles): Promise<DecodedModel> {
  const { where, json: bytes } = (files ?? {}) as Partial<ModelFiles>;
  if (typeof where !== "string" || !(bytes instanceof Uint8Array)) {
    const what = `${contentText(files)} was given. Give { where, json, size, read }, with json as a Uint8Array.`;
    throw new HoneError("BadArgument", "decodeModel", what);
  }
  const json = parseJsonObject(bytes, where);
  const { format, modelTopology, weightsManifest } = json;
  if (format !== undefined && format !== null && format !== "layers-model") {
    const shown = typeof format === "string" ? quote(format) : "that is not text";
    throw badModelFile(
      where,
      `the model has the format ${shown}; only "layers-model" can be read. Save it with tfjs's model.save or convert the Keras model to layers-model.`,
    );
  }
  if (!isJsonObject(modelTopology)) {
    throw badModelFile(where, `"modelTopology" is missing. Check that it is a model.json.`);
  }
  if (weightsManifest === undefined) {
    throw badModelFile(where, `"weightsManifest" is missing. Save the model with its weights.`);
  }
  const topology = checkTopology(modelTopology, where);
  const groups = parseManifest(weightsManifest, where);
  for (const group of groups) await checkSizes(files, group);
  const weights: DecodedWeight[] = [];
  for (const group of groups) weights.push(...(await readGroup(files, group)));
  const { trainingConfig, userDefinedMetadata } = json;
  return {
    where,
    topology,
    weights,
    ...(isJsonObject(trainingConfig) && { trainingConfig }),
    ...(isJsonObject(userDefinedMetadata) && { userDefinedMetadata }),
  };
}

function beside(where: string, name: string): string {
  const end = Math.max(where.lastIndexOf("/"), where.lastIndexOf("\\")) + 1;
  return where.slice(0, end) + name;
}

/** What a file answers; a reason that is not a Hone error becomes a line that names the file. */
async function reach<T>(files: ModelFiles, path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isHoneError(error)) throw error;
    const reason = messageOf(error);
    throw badModelFile(
      beside(files.where, path),
      `the weight file cannot be read (${quote(reason)}). Copy all files of the model again.`,
      error,
    );
  }
}

async function checkSizes(files: ModelFiles, group: WeightGroup): Promise<void> {
  let found = 0;
  for (const path of group.paths) found += await reach(files, path, files.size(path));
  if (found !== group.bytes) {
    const alone = group.paths.length === 1;
    const place = alone ? beside(files.where, group.paths[0]!) : files.where;
    const subject = alone ? "the file has" : `its ${group.paths.length} weight files have`;
    throw badModelFile(
      place,
      `${subject} ${found} bytes, and the model's weights ${group.bytes}. Copy all files of the model again.`,
    );
  }
}

async function readGroup(files: ModelFiles, group: WeightGroup): Promise<DecodedWeight[]> {
  const bytes = new Uint8Array(group.bytes);
  let offset = 0;
  for (const path of group.paths) {
    const part = await reach(files, path, files.read(path));
    if (part.length > bytes.length - offset) {
      throw badModelFile(
        beside(files.where, path),
        "the file grew while it was read. Try again when nothing writes to it.",
      );
    }
    bytes.set(part, offset);
    offset += part.length;
  }
  if (offset !== bytes.length) {
    throw badModelFile(
      files.where,
      `the weight files gave ${offset} bytes of ${bytes.length}. Try again when nothing writes to them.`,
    );
  }
  return sliceWeights(bytes, group.weights, files.where);
}

function sliceWeights(
  bytes: Uint8Array,
  specs: readonly WeightSpec[],
  where: string,
): DecodedWeight[] {
  const weights: DecodedWeight[] = [];
  let offset = 0;
  for (const { name, shape, dtype, bytes: length, isOptimizerSlot } of specs) {
    const slice = bytes.slice(offset, offset + length);
    offset += length;
    if (isOptimizerSlot) continue;
    const values =
      dtype === "float32"
        ? new Float32Array(slice.buffer)
        : dtype === "int32"
          ? new Int32Array(slice.buffer)
          : slice;
    refuseNonFinite(name, values, where);
    weights.push({ name, shape, dtype, values });
  }
  return weights;
}

/** @throws BadModelFile that names the weight, the value and its place. */
export function refuseNonFinite(name: string, values: TypedArray, where: string): void {
  const index = values.findIndex((value: number) => !Number.isFinite(value));
  if (index < 0) return;
  throw badModelFile(
    where,
    `weight ${quote(name)} holds ${values[index]} at element ${index}. Train the model again, or take an earlier copy.`,
  );
}
