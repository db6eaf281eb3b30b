/** A saved model as a file, read as a stranger's. */
import { HoneError } from "../errors.js";
import type { Port, PortInfo, TracedModel, WeightInfo } from "../graph/template.js";
import type { Term } from "../graph/terms.js";
import type { SessionCheckpoint } from "../run/checkpoint.js";
import { MODEL_FORMAT, type SavedModel } from "../run/saved-model.js";
import { SESSION_RULES, wrongField } from "../run/state-rules.js";
import { checkTensors } from "../run/tensor-checks.js";
import { quote } from "./bad-model-file.js";
import { decodeFile, type FileKind, type KeptTensors } from "./hone-file.js";
import { type JsonTemplate, templateFromJson } from "./template-json.js";

export const KIND: FileKind = { name: "model", format: `${MODEL_FORMAT}`, reader: "openModel" };

/**
 * The model that a file holds, every part checked against its SHA-256 and by what the op table says.
 * @param options `where`: what an error calls the file
 * @throws BadModelFile naming the file: cut short, altered, of another format, or no model; BadArgument for what are no
 * bytes
 */
export async function decodeSavedModel(
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly where?: string } = {},
): Promise<SavedModel> {
  return decodeFile(KIND, bytes, options, modelOf);
}

function refuse(what: string): never {
  throw new HoneError("BadArgument", "model", `${what}. It is damaged: take another model.`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

async function modelOf(fields: object, kept: KeptTensors): Promise<SavedModel> {
  const { format, kind, name, traced, terms, classNames, state } = fields as Readonly<
    Record<string, unknown>
  >;
  if (format !== MODEL_FORMAT || kind !== "model" || !isText(name) || !isRecord(traced)) {
    return refuse("its fields are not those of a model");
  }
  const isNames = isRecord(classNames) && Object.values(classNames).every(isTexts);
  if (!isNames) return refuse("its class names are not what they should be");
  const { training, inference, weights, inputs, outputs, warnings } = traced;
  const model: TracedModel = {
    training: await templateFromJson(training as JsonTemplate, kept, true),
    inference: await templateFromJson(inference as JsonTemplate, kept, false),
    weights: weightsOf(weights),
    inputs: portsOf(inputs),
    outputs: portsOf(outputs),
    warnings: isTexts(warnings) ? warnings : refuse("its warnings are no texts"),
  };
  checkPorts(model);
  checkWeights(model);
  const isState = ([tensor]: [string, unknown]) => !tensor.startsWith("constant:");
  const tensors = Object.fromEntries(Object.entries(kept).filter(isState));
  const checkpoint = await stateOf({ ...(state as object), tensors });
  checkTensors(checkpoint.tensors, model.weights, "weight");
  return {
    format: MODEL_FORMAT,
    kind,
    name,
    traced: model,
    terms: termsOf(terms, model),
    classNames: classNames as SavedModel["classNames"],
    state: checkpoint,
  };
}

/** What a model has come to is a session's checkpoint; those that are in the middle of a training have more to look at. */
async function stateOf(given: object): Promise<SessionCheckpoint> {
  if (wrongField(given as Readonly<Record<string, unknown>>, SESSION_RULES) === undefined)
    return given as SessionCheckpoint;
  return (await import("../run/session-keeping.js")).resumable(given);
}

function weightsOf(given: unknown): readonly WeightInfo[] {
  if (!Array.isArray(given)) return refuse("its weights are no list");
  return given.map((weight, index) => {
    const { name, label, shape, role, trainable } = isRecord(weight) ? weight : {};
    const isNamed = (role === "parameter" || role === "state") && name === `${role}:${index}`;
    if (!isNamed || !isText(label) || !isShape(shape) || typeof trainable !== "boolean") {
      return refuse(`its weight ${index} is not what it should be`);
    }
    return { name: name as string, label, shape, role, trainable };
  });
}

function portsOf(given: unknown): readonly PortInfo[] {
  if (!Array.isArray(given)) return refuse("its ports are no list");
  return given.map((port) => {
    const { name, shape, dtype } = isRecord(port) ? port : {};
    if (!isText(name) || !isShape(shape) || (dtype !== "float32" && dtype !== "int32")) {
      return refuse("its ports are not what they should be");
    }
    return { name, shape, dtype };
  });
}

/** Ports of the graphs are those of the model, rows of the shapes it says. */
function checkPorts({ training, inference, inputs, outputs }: TracedModel): void {
  for (const { two, three } of [training, inference]) {
    for (const [graph, rows] of [
      [two, 2],
      [three, 3],
    ] as const) {
      const check = (ports: readonly Port[], infos: readonly PortInfo[]) => {
        const are = ports.map(({ name, tensor }) => [name, graph.graph.tensors[tensor]?.shape]);
        const should = infos.map(({ name, shape }) => [name, [rows, ...shape]]);
        if (JSON.stringify(are) !== JSON.stringify(should)) {
          refuse("the ports of its graph are not those it says");
        }
      };
      check(graph.inputs, inputs);
      check(graph.outputs, outputs);
    }
  }
}

function checkWeights({ training, inference, weights }: TracedModel): void {
  const known = new Map(weights.map((weight) => [weight.name, weight]));
  for (const { two, three } of [training, inference]) {
    for (const { role, name, shape } of [...two.graph.tensors, ...three.graph.tensors]) {
      const isWeight = role === "parameter" || (role === "state" && name?.startsWith("state:"));
      if (isWeight && `${known.get(name ?? "")?.shape}` !== `${shape}`) {
        refuse(`its tensor ${quote(name ?? "")} is no weight of that shape`);
      }
    }
  }
}

/** Losses and metrics themselves are looked at when something is judged. */
function termsOf(given: unknown, { outputs, training }: TracedModel): readonly Term[] {
  if (!Array.isArray(given)) return refuse("its terms are no list");
  const isChoice = (choice: unknown) =>
    isRecord(choice) &&
    (isText(choice.name) || training.two.functions[choice.traced as number] !== undefined);
  for (const term of given) {
    const { output, loss, weight, metrics } = isRecord(term) ? term : {};
    const isOutput = output === undefined || outputs.some(({ name }) => name === output);
    const isMetrics =
      Array.isArray(metrics) &&
      metrics.every((one) => isRecord(one) && isText(one.label) && isChoice(one.metric));
    if (
      !isOutput ||
      typeof weight !== "number" ||
      !isMetrics ||
      !(loss === undefined || isChoice(loss))
    ) {
      refuse("its terms are not what they should be");
    }
  }
  return given as readonly Term[];
}
