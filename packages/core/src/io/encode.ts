/** A tf.LayersModel as files that stock tfjs opens with `tf.loadLayersModel`. */
import { HoneError } from "../errors.js";
import { checkOptions, isObject, type OptionRule } from "../run/options.js";
import type { TypedArray } from "../typed-array.js";
import { valueText } from "../value-text.js";
import { badModelFile, quote } from "./bad-model-file.js";
import { refuseNonFinite } from "./decode.js";

/** What is used of a tf.LayersModel to save it. */
export interface SavableModel {
  readonly weights: readonly {
    readonly originalName: string;
    read(): {
      readonly shape: readonly number[];
      readonly dtype: string;
      data(): Promise<ArrayLike<number>>;
    };
  }[];
  /** The topology, as tfjs writes it. */
  // biome-ignore lint/complexity/noBannedTypes: tfjs declares what it returns so
  toJSON(unused: unknown, returnString: false): {};
}

/** How the files are written. */
export interface EncodeOptions {
  /** What the names of the weight files start with; `group1` by default. */
  readonly stem?: string;
  /** Plain data to save with the model; tfjs calls it `userDefinedMetadata`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Values to save in place of the model's own, in the order of `model.weights`. */
  readonly values?: readonly TypedArray[];
}

const isList: OptionRule = (value) => Array.isArray(value);

const encodeOptions = {
  stem: { is: (value: unknown) => typeof value === "string", wanted: "a text" },
  metadata: { is: isObject, wanted: "plain data" },
  values: { is: isList, wanted: "a list of arrays, one for each weight" },
};

const shardBytes = 4 * 2 ** 20;

/**
 * The files of a saved model by name: `model.json`, and weights in files of at most 4 MiB called
 * `<stem>-shard1of2.bin`. Compile settings and optimizer slots are not saved.
 *
 * @throws BadModelFile for a weight that tfjs could not read back: of another dtype than float32,
 * int32 and bool, with the name of another, or holding NaN or Inf.
 */
export async function encodeModel(
  model: SavableModel,
  options: EncodeOptions = {},
): Promise<Record<string, Uint8Array>> {
  const where = "encodeModel";
  checkOptions(where, options, encodeOptions);
  if (!isList((model as Partial<SavableModel> | null | undefined)?.weights)) {
    const what = `${valueText(model)} was given in place of a model. Give a tf.LayersModel.`;
    throw new HoneError("BadArgument", where, what);
  }
  const specs: { name: string; shape: readonly number[]; dtype: string }[] = [];
  const parts: Uint8Array[] = [];
  const names = new Set<string>();
  for (const [index, weight] of model.weights.entries()) {
    const name = weight.originalName;
    const { shape, dtype, data } = bound(weight.read());
    if (names.has(name)) {
      throw badModelFile(
        where,
        `two weights have the name ${quote(name)}, and tfjs could not tell them apart. Rename one of the layers.`,
      );
    }
    names.add(name);
    const values = options.values?.[index] ?? (await data());
    const length = shape.reduce((product, size) => product * size, 1);
    if (values.length !== length) {
      throw badModelFile(
        where,
        `weight ${quote(name)} of shape [${shape.join(", ")}] was given ${values.length} values. Give ${length}.`,
      );
    }
    specs.push({ name, shape, dtype });
    parts.push(toBytes(name, dtype, values, where));
  }
  const shards = split(concatenate(parts));
  const stem = options.stem ?? "group1";
  const paths = shards.map((_, index) => `${stem}-shard${index + 1}of${shards.length}.bin`);
  const json = {
    format: "layers-model",
    generatedBy: "Hone",
    convertedBy: null,
    modelTopology: model.toJSON(null, false),
    weightsManifest: [{ paths, weights: specs }],
    ...(options.metadata && { userDefinedMetadata: options.metadata }),
  };
  return {
    "model.json": new TextEncoder().encode(JSON.stringify(json)),
    ...Object.fromEntries(paths.map((path, index) => [path, shards[index]!])),
  };
}

function bound(tensor: ReturnType<SavableModel["weights"][number]["read"]>) {
  return { shape: tensor.shape, dtype: tensor.dtype, data: () => tensor.data() };
}

function toBytes(
  name: string,
  dtype: string,
  values: ArrayLike<number>,
  where: string,
): Uint8Array {
  if (dtype === "float32") {
    const floats = Float32Array.from(values);
    refuseNonFinite(name, floats, where);
    return new Uint8Array(floats.buffer);
  }
  if (dtype === "int32") return new Uint8Array(Int32Array.from(values).buffer);
  if (dtype === "bool") return Uint8Array.from(values);
  throw badModelFile(
    where,
    `weight ${quote(name)} has the dtype ${quote(dtype)}; saved are float32, int32 and bool. Cast it.`,
  );
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function split(bytes: Uint8Array): Uint8Array[] {
  const shards: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += shardBytes) {
    shards.push(bytes.subarray(start, start + shardBytes));
  }
  return shards;
}
