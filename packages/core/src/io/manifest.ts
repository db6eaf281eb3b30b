/** The weights manifest of a model.json: checked names, shapes and sizes, before a byte is read. */
import { badModelFile, quote } from "./bad-model-file.js";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.js";

export type WeightType = "float32" | "int32" | "bool";

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightType;
  readonly elements: number;
  readonly bytes: number;
  /** A saved optimizer's slot: counted in the file's size, and otherwise left alone. */
  readonly isOptimizerSlot: boolean;
}

/** Files that hold, one after another, the values of these weights. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
  readonly bytes: number;
}

const bytesOf: Readonly<Record<WeightType, number>> = { float32: 4, int32: 4, bool: 1 };
const maxRank = 6;
const maxPaths = 10_000;

function isWeightType(value: JsonValue | undefined): value is WeightType {
  return typeof value === "string" && Object.hasOwn(bytesOf, value);
}

/** True for a name that `Object.prototype` answers to, which tfjs would find in its own lookups. */
export function isInheritedKey(name: string): boolean {
  return name in Object.prototype;
}

/**
 * The groups of a parsed `weightsManifest`.
 *
 * @throws BadModelFile for a file name that leaves the folder, a repeated file or weight, an unknown or
 * unsupported dtype, quantization, or a shape whose size is not a number JavaScript can hold.
 */
export function parseManifest(manifest: JsonValue, where: string): readonly WeightGroup[] {
  if (!isJsonArray(manifest)) {
    throw badModelFile(where, `"weightsManifest" is not a list. Save the model again.`);
  }
  const files = new Set<string>();
  const names = new Set<string>();
  return manifest.map((group) => parseGroup(group, where, files, names));
}

function parseGroup(
  group: JsonValue,
  where: string,
  files: Set<string>,
  names: Set<string>,
): WeightGroup {
  if (!isJsonObject(group) || !isJsonArray(group.paths) || !isJsonArray(group.weights)) {
    throw badModelFile(
      where,
      `a group of "weightsManifest" lacks its "paths" or "weights". Save the model again.`,
    );
  }
  const paths = group.paths.map((path) => fileName(path, where));
  for (const path of paths) {
    if (files.has(path)) {
      throw badModelFile(
        where,
        `the weight file ${quote(path)} is listed twice. Save the model again.`,
      );
    }
    files.add(path);
  }
  if (files.size > maxPaths) {
    throw badModelFile(
      where,
      `more than ${maxPaths} weight files are listed. Save the model again.`,
    );
  }
  const weights = group.weights.map((weight) => parseSpec(weight, where));
  let bytes = 0;
  for (const weight of weights) {
    if (names.has(weight.name)) {
      throw badModelFile(
        where,
        `weight ${quote(weight.name)} is listed twice. Save the model again.`,
      );
    }
    names.add(weight.name);
    bytes += weight.bytes;
    if (!Number.isSafeInteger(bytes)) {
      throw badModelFile(
        where,
        `the weights up to ${quote(weight.name)} have more than 2^53 bytes. Save the model again.`,
      );
    }
  }
  return { paths, weights, bytes };
}

/**
 * A name that can only mean a file beside model.json, on any operating system.
 * A browser's `model.save("downloads://name")` writes `./name.weights.bin`.
 */
function fileName(written: JsonValue, where: string): string {
  const path = typeof written === "string" ? written.replace(/^\.\//, "") : written;
  const isFlat =
    typeof path === "string" &&
    path.length > 0 &&
    path.length <= 255 &&
    path !== "." &&
    path !== ".." &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    !/[/\\:\u0000-\u001f\u007f]/.test(path);
  if (!isFlat) {
    const shown =
      typeof written === "string" ? quote(written) : JSON.stringify(written).slice(0, 80);
    throw badModelFile(
      where,
      `the weight file ${shown} is not a plain file name. Put the weights beside model.json.`,
    );
  }
  return path;
}

function parseSpec(spec: JsonValue, where: string): WeightSpec {
  if (!isJsonObject(spec)) {
    throw badModelFile(where, "an entry of the weights is not an object. Save the model again.");
  }
  const { name, dtype } = spec;
  if (typeof name !== "string" || name === "" || isInheritedKey(name)) {
    const shown = typeof name === "string" ? quote(name) : "that is not text";
    throw badModelFile(where, `a weight has the name ${shown}. Save the model again.`);
  }
  if (spec.quantization !== undefined) {
    throw badModelFile(
      where,
      `weight ${quote(name)} is quantized${quantizedTo(spec)}; only full-size weights are read. Convert the model without quantization.`,
    );
  }
  if (!isWeightType(dtype)) {
    const shown = typeof dtype === "string" ? quote(dtype) : "unknown";
    throw badModelFile(
      where,
      `weight ${quote(name)} has the dtype ${shown}; known are float32, int32 and bool. Save the model again.`,
    );
  }
  const shape = parseShape(spec.shape, name, where);
  const elements = countElements(shape);
  if (elements === undefined) {
    throw badModelFile(
      where,
      `weight ${quote(name)} of shape [${shape.join(", ")}] has more than 2^53 bytes. Save the model again.`,
    );
  }
  return {
    name,
    shape,
    dtype,
    elements,
    bytes: elements * bytesOf[dtype],
    isOptimizerSlot: spec.group === "optimizer",
  };
}

function quantizedTo(spec: JsonObject): string {
  const quantization = spec.quantization;
  const dtype = isJsonObject(quantization) ? quantization.dtype : undefined;
  return typeof dtype === "string" ? ` (${quote(dtype)})` : "";
}

function parseShape(shape: JsonValue | undefined, name: string, where: string): readonly number[] {
  const isShape =
    isJsonArray(shape) &&
    shape.length <= maxRank &&
    shape.every((size) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0);
  if (!isShape) {
    const shown = (JSON.stringify(shape) ?? "missing").slice(0, 80);
    throw badModelFile(
      where,
      `weight ${quote(name)} has the shape ${shown}, not a list of at most ${maxRank} sizes. Save the model again.`,
    );
  }
  return shape as readonly number[];
}

/** The product of the sizes, or undefined where eight bytes for each would not be a safe integer. */
export function countElements(shape: readonly number[]): number | undefined {
  // A zero anywhere makes the product zero, whatever its neighbours overflow to.
  if (shape.includes(0)) return 0;
  let elements = 1;
  for (const size of shape) {
    elements *= size;
    if (!Number.isSafeInteger(elements * 8)) return undefined;
  }
  return elements;
}
