/**
 * What is checked of a model's topology before tfjs sees it.
 *
 * tfjs walks a functional model until every layer call has found its inputs, and never returns when
 * a call waits for itself; it also keeps layers in plain objects under names that come from the file.
 */
import { badModelFile, quote } from "./bad-model-file.js";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.js";
import { isInheritedKey } from "./manifest.js";

const maxLayers = 10_000;
// tfjs looks at every waiting connection again after each round: the bound keeps that to seconds.
const maxConnections = 20_000;
const modelClasses: ReadonlySet<string> = new Set(["Model", "Functional", "Sequential"]);

/** The inputs of one layer call, as (layer, number of that layer's call). */
interface LayerCall {
  readonly layer: string;
  readonly inputs: readonly { readonly layer: string; readonly call: number }[];
}

/**
 * Checks a `modelTopology` (tfjs's own, or a Keras file's with its `model_config`) and returns the
 * part that describes layers.
 *
 * @throws BadModelFile for layers without a class, config or name, more than 10,000 layers, repeated
 * names, normalisation along several axes, an initializer that would draw for ever, or a layer whose inputs can never
 * be computed.
 */
export function checkTopology(topology: JsonObject, where: string): JsonObject {
  const described = topology.model_config ?? topology;
  if (!isJsonObject(described)) {
    throw badModelFile(where, `"model_config" is not an object. Save the model again.`);
  }
  const { className, config } = parseLayer(described, "the model", where);
  if (!modelClasses.has(className)) {
    throw badModelFile(
      where,
      `the model's class is ${quote(className)}; known are Sequential, Model and Functional. Save it with model.save.`,
    );
  }
  checkModel(className, config, where, { layers: 0 });
  checkInitializers(described, where);
  return described;
}

function checkModel(
  className: string,
  config: JsonValue,
  where: string,
  count: { layers: number },
): void {
  const layers = isJsonObject(config) ? config.layers : config;
  if (!isJsonArray(layers) || layers.length === 0) {
    throw badModelFile(
      where,
      `a model of class ${className} lists no layers. Save the model again.`,
    );
  }
  count.layers += layers.length;
  if (count.layers > maxLayers) {
    throw badModelFile(where, `the model has more than ${maxLayers} layers. Use a smaller model.`);
  }
  for (const layer of layers) {
    const parsed = parseLayer(layer, "a layer", where);
    if (modelClasses.has(parsed.className)) {
      checkModel(parsed.className, parsed.config, where, count);
    }
  }
  // tfjs reads a Sequential in list order; only a functional model names the inputs of its layers.
  if (className === "Sequential") checkNames(layers as readonly JsonObject[], where);
  else checkCalls(layers as readonly JsonObject[], where);
}

/** Initializers that draw again until a number falls within their bounds, with what those bounds are made of. */
const drawnUntilFit: ReadonlyMap<string, readonly (readonly [field: string, least: number])[]> =
  new Map([
    ["VarianceScaling", [["scale", Number.MIN_VALUE]]],
    [
      "TruncatedNormal",
      [
        ["mean", -Number.MAX_VALUE],
        ["stddev", 0],
      ],
    ],
  ]);

/** tfjs fills weights before it reads them; between bounds that are no numbers none ever falls. */
function checkInitializers(part: JsonValue, where: string): void {
  if (isJsonArray(part)) {
    for (const one of part) checkInitializers(one, where);
    return;
  }
  if (!isJsonObject(part)) return;
  const { class_name: name, config } = part;
  for (const [field, least] of (typeof name === "string" && drawnUntilFit.get(name)) || []) {
    const value = isJsonObject(config) ? config[field] : undefined;
    if (value === undefined || value === null) continue;
    if (typeof value === "number" && Number.isFinite(value) && value >= least) continue;
    const what = `the initializer ${name} has a ${field} of ${JSON.stringify(value).slice(0, 80)}. Save the model again.`;
    throw badModelFile(where, what);
  }
  for (const one of Object.values(part)) checkInitializers(one as JsonValue, where);
}

/** tfjs lists the layers of a model that stands first in a Sequential beside the others. */
function checkNames(layers: readonly JsonObject[], where: string): void {
  const names = new Set<string>();
  const walk = (layer: JsonObject, first: boolean) => {
    const config = layer.config as JsonObject | readonly JsonValue[];
    const inner = isJsonObject(config) ? config.layers : config;
    if (first && modelClasses.has(layer.class_name as string) && isJsonArray(inner)) {
      for (const [at, one] of inner.entries()) walk(one as JsonObject, at === 0);
      return;
    }
    const name = isJsonObject(config) ? config.name : undefined;
    if (typeof name !== "string") return;
    if (names.has(name)) {
      throw badModelFile(where, `two layers have the name ${quote(name)}. Rename one of them.`);
    }
    names.add(name);
  };
  for (const [at, layer] of layers.entries()) walk(layer, at === 0);
}

function parseLayer(
  layer: JsonValue,
  what: string,
  where: string,
): { readonly className: string; readonly config: JsonValue } {
  const className = isJsonObject(layer) ? layer.class_name : undefined;
  const config = isJsonObject(layer) ? layer.config : undefined;
  if (typeof className !== "string" || typeof config !== "object" || config === null) {
    throw badModelFile(where, `${what} lacks its "class_name" or "config". Save the model again.`);
  }
  if (isInheritedKey(className)) {
    throw badModelFile(where, `${what} has the class ${quote(className)}. Do not use this file.`);
  }
  const name = isJsonObject(config) ? config.name : undefined;
  if (typeof name === "string" && (name === "" || isInheritedKey(name))) {
    throw badModelFile(where, `${what} has the name ${quote(name)}. Rename it.`);
  }
  const axis = isJsonObject(config) ? config.axis : undefined;
  if (className === "BatchNormalization" && isJsonArray(axis) && axis.length !== 1) {
    const shown = typeof name === "string" ? quote(name) : "of class BatchNormalization";
    throw badModelFile(
      where,
      `layer ${shown} normalises along ${axis.length} axes; tfjs takes one. Save it with one axis.`,
    );
  }
  return { className, config };
}

/** Plays the calls of a functional model in the order tfjs would, on names alone. */
function checkCalls(layers: readonly JsonObject[], where: string): void {
  const made = new Map<string, number>();
  let waiting: LayerCall[] = [];
  let connections = 0;
  for (const layer of layers) {
    const name = layerName(layer, where);
    if (made.has(name)) {
      throw badModelFile(where, `two layers have the name ${quote(name)}. Rename one of them.`);
    }
    // An input layer and a nested model have one call from the moment they exist.
    const className = layer.class_name as string;
    made.set(name, className === "InputLayer" || modelClasses.has(className) ? 1 : 0);
    for (const call of parseCalls(layer, name, where)) {
      waiting.push(call);
      connections += Math.max(call.inputs.length, 1);
    }
    if (connections > maxConnections) {
      throw badModelFile(
        where,
        `the model has more than ${maxConnections} connections. Use a smaller model.`,
      );
    }
  }
  while (waiting.length > 0) {
    const stillWaiting: LayerCall[] = [];
    for (const call of waiting) {
      if (call.inputs.every((input) => (made.get(input.layer) ?? 0) > input.call)) {
        if (call.inputs.length > 0) made.set(call.layer, (made.get(call.layer) ?? 0) + 1);
      } else {
        stillWaiting.push(call);
      }
    }
    if (stillWaiting.length === waiting.length) {
      const call = stillWaiting[0]!;
      const input = call.inputs.find(({ layer, call }) => (made.get(layer) ?? 0) <= call)!;
      throw badModelFile(
        where,
        `layer ${quote(call.layer)} waits for call ${input.call} of layer ${quote(input.layer)}, which never happens. Save the model again.`,
      );
    }
    waiting = stillWaiting;
  }
}

function layerName(layer: JsonObject, where: string): string {
  const { name, config } = layer;
  const own = isJsonObject(config) ? config.name : undefined;
  if (typeof name !== "string" || name === "" || isInheritedKey(name) || own !== name) {
    const shown = typeof name === "string" ? quote(name) : "that is not text";
    throw badModelFile(
      where,
      `a layer has the name ${shown}, and its config another. Save the model again.`,
    );
  }
  return name;
}

function parseCalls(layer: JsonObject, name: string, where: string): LayerCall[] {
  const calls = layer.inbound_nodes;
  if (!isJsonArray(calls) || !calls.every(isJsonArray)) {
    throw badModelFile(
      where,
      `layer ${quote(name)} lacks its list of "inbound_nodes". Save the model again.`,
    );
  }
  return calls.map((inputs) => ({
    layer: name,
    inputs: inputs.map((input) => {
      const [from, call] = isJsonArray(input) ? input : [];
      if (typeof from !== "string" || typeof call !== "number" || !Number.isSafeInteger(call)) {
        throw badModelFile(
          where,
          `layer ${quote(name)} has an input that is not [layer, call, tensor]. Save the model again.`,
        );
      }
      return { layer: from, call: Math.max(call, 0) };
    }),
  }));
}

/**
 * Writes into a topology what tfjs reads otherwise than Keras writes it: Keras 2 has a list of one for the
 * axis of a batch normalisation, which tfjs takes for a number, and a negative one for text.
 */
export function adaptToTfjs(described: JsonValue): void {
  if (isJsonArray(described)) {
    for (const part of described) adaptToTfjs(part);
  } else if (isJsonObject(described)) {
    const { class_name, config } = described;
    if (class_name === "BatchNormalization" && isJsonObject(config) && isJsonArray(config.axis)) {
      (config as { axis: JsonValue }).axis = config.axis[0] ?? -1;
    }
    for (const part of Object.values(described)) adaptToTfjs(part as JsonValue);
  }
}
