/**
 * A decoded model becomes a tf.LayersModel.
 *
 * Surprising fact: tfjs makes every variable while it reads the topology, before it looks at a
 * weight, so a few digits in a model.json could ask for any amount of memory. While tfjs builds the
 * model, `addWeight` of its base Layer is therefore ours: it holds each request against the file.
 * `modelFromJSON` builds before its first await, so nothing else can run in between.
 */
import { HoneError, isHoneError } from "../errors.js";
import { withTensors } from "../trace/host-tensors.js";
import { messageOf, valueText } from "../value-text.js";
import { badModelFile, quote } from "./bad-model-file.js";
import type { DecodedModel, DecodedWeight } from "./decode.js";
import { countElements } from "./manifest.js";
import { adaptToTfjs } from "./topology.js";

/** What is used of a tf.LayersModel. */
export interface LoadedModel {
  readonly weights: readonly ModelWeight[];
  /** Compiles the model as the file says. */
  loadTrainingConfig?(config: never): void;
  /** Keeps what the file's author has noted. */
  setUserDefinedMetadata?(metadata: never): void;
}

interface ModelWeight {
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  write(value: never): unknown;
}

/** The tfjs modules that build the model: `import * as core`, `import * as layers`. */
export interface Tfjs<Model extends LoadedModel> {
  readonly core: {
    engine(): unknown;
    tensor(values: never, shape: number[], dtype: "float32" | "int32" | "bool"): Disposable;
  };
  readonly layers: {
    readonly layers: { readonly Layer: { readonly prototype: object } };
    readonly initializers: { zeros(): unknown };
    readonly models: { modelFromJSON(config: never): Promise<Model> };
  };
}

interface Disposable {
  dispose(): void;
}

type AddWeight = (
  this: { readonly name: string },
  name: string,
  shape: readonly number[],
  dtype: string | undefined,
  initializer: unknown,
  ...rest: readonly unknown[]
) => ModelWeight;

/**
 * The tf.LayersModel of a decoded model, its weights set. tfjs needs a backend only where its own `predict` or `fit` is
 * to be called.
 *
 * @throws BadModelFile when tfjs refuses the topology, or a weight is missing, left over, or of
 * another shape; the line names it.
 */
export async function loadModel<Model extends LoadedModel>(
  decoded: DecodedModel,
  tfjs: Tfjs<Model>,
): Promise<Model> {
  const { where } = checkedCall(decoded, tfjs);
  const byName = new Map(decoded.weights.map((weight) => [weight.name, weight]));
  const model = await translate(where, build(decoded, byName, tfjs));
  const weights = await translate(where, async () => model.weights);
  const unused = new Set(byName.values());
  const pairs = weights.map((weight) => {
    const value = find(byName, weight.originalName);
    if (value === undefined) {
      throw badModelFile(
        where,
        `weight ${quote(weight.originalName)} of the model is missing. Save the model with all its weights.`,
      );
    }
    if (!unused.delete(value)) {
      throw badModelFile(
        where,
        `two weights of the model have the name ${quote(weight.originalName)}. Rename one of the layers.`,
      );
    }
    checkShape(weight, value, where);
    return { weight, value };
  });
  for (const { name } of unused) {
    throw badModelFile(
      where,
      `weight ${quote(name)} belongs to no layer of the model. Save the model again.`,
    );
  }
  await translate(where, async () => {
    for (const { weight, value } of pairs) {
      withTensors(tfjs.core.engine(), () => {
        const tensor = tfjs.core.tensor(value.values as never, [...value.shape], value.dtype);
        // Writing is the first use of some weights: what is wrong with their settings shows only now.
        weight.write(tensor as never);
        tensor.dispose();
      });
    }
  });
  const { trainingConfig, userDefinedMetadata } = decoded;
  await translate(where, async () => {
    // A copy, because tfjs writes into what it is given.
    if (trainingConfig) {
      const config = structuredClone(trainingConfig) as never;
      withTensors(tfjs.core.engine(), () => model.loadTrainingConfig?.(config));
    }
    if (userDefinedMetadata) {
      model.setUserDefinedMetadata?.(structuredClone(userDefinedMetadata) as never);
    }
  });
  return model;
}

function checkedCall(decoded: DecodedModel, tfjs: Tfjs<LoadedModel>): DecodedModel {
  const refuse = (what: string) => new HoneError("BadArgument", "loadModel", what);
  if (!Array.isArray((decoded as Partial<DecodedModel> | null | undefined)?.weights)) {
    throw refuse(`${valueText(decoded)} was given. Give what decodeModel gives.`);
  }
  const { core, layers } = (tfjs ?? {}) as Partial<Tfjs<LoadedModel>>;
  const whole = typeof core?.tensor === "function" && typeof core.engine === "function";
  if (whole && layers?.layers !== undefined) return decoded;
  throw refuse(`${valueText(tfjs)} was given as tfjs. Give { core, layers }, its two modules.`);
}

function build<Model extends LoadedModel>(
  decoded: DecodedModel,
  byName: ReadonlyMap<string, DecodedWeight>,
  tfjs: Tfjs<Model>,
): () => Promise<Model> {
  return () => {
    const prototype = tfjs.layers.layers.Layer.prototype as { addWeight: AddWeight };
    const stock = prototype.addWeight;
    let left = decoded.weights.reduce((sum, weight) => sum + weight.values.length, 0);
    prototype.addWeight = function (name, shape, dtype, _initializer, ...rest) {
      const elements = countElements(shape);
      if (elements === undefined || !(elements <= left)) {
        throw badModelFile(
          decoded.where,
          `weight ${quote(`${this.name}/${name}`)} of shape [${shape.join(", ")}] is larger than what the weight files hold. Save the model again.`,
        );
      }
      left -= elements;
      const zeros = tfjs.layers.initializers.zeros();
      const weight = stock.call(this, name, shape, dtype, zeros, ...rest);
      const value = find(byName, weight.originalName);
      if (value !== undefined) checkShape(weight, value, decoded.where);
      return weight;
    };
    const modelTopology = structuredClone(decoded.topology);
    adaptToTfjs(modelTopology);
    try {
      return withTensors(tfjs.core.engine(), () =>
        tfjs.layers.models.modelFromJSON({ modelTopology } as never),
      );
    } finally {
      prototype.addWeight = stock;
    }
  };
}

/** The value saved for a weight; TensorFlow 2.2 puts a recurrent cell's name before the last part. */
function find(byName: ReadonlyMap<string, DecodedWeight>, name: string): DecodedWeight | undefined {
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  for (const [saved, value] of byName) {
    const parts = saved.split("/");
    if (parts.length > 2 && [...parts.slice(0, -2), parts.at(-1)].join("/") === name) return value;
  }
  return undefined;
}

function checkShape(weight: ModelWeight, value: DecodedWeight, where: string): void {
  const { originalName: name, shape, dtype } = weight;
  if (shape.join() !== value.shape.join() || shape.length !== value.shape.length) {
    throw badModelFile(
      where,
      `weight ${quote(name)} is saved with shape [${value.shape.join(", ")}], and its layer has [${shape.join(", ")}]. Save the model again.`,
    );
  }
  if (dtype !== value.dtype) {
    throw badModelFile(
      where,
      `weight ${quote(name)} is saved as ${value.dtype}, and its layer has ${dtype}. Save the model again.`,
    );
  }
}

/** What tfjs throws, whole and as one line. A file may put text of any length into it. */
async function translate<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isHoneError(error)) throw error;
    const message = messageOf(error);
    const line = message.replace(/\s+/g, " ").trim().replace(/[.:]$/, "");
    throw badModelFile(
      where,
      `tfjs cannot build this model: ${quote(line, 2000)}. Register its custom layers, or save the model again.`,
      error,
    );
  }
}
