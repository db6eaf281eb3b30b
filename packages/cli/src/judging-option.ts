/**
 * What a model is judged by. The data of the command line are pictures with one label each: a model has one input, and
 * the labels are those of one of its outputs. Further outputs are only predicted.
 */
import { classNamesOf, type Dataset, HoneError } from "@hone/core";
import type { Task } from "@hone/core/models";
import type { LayersModel, layers } from "@tensorflow/tfjs-layers";
import { type Arguments, type CommandSpec, misuse, type OptionSpec } from "./arguments.js";

export const judgingOptions: readonly OptionSpec[] = [
  {
    name: "loss",
    value: "NAME",
    help: "a loss of tfjs (default: what the model was saved with, or sparseCategoricalCrossentropy for one that ends in softmax)",
  },
  {
    name: "metrics",
    value: "NAMES",
    help: "metrics of tfjs, with commas between (default: accuracy where the loss takes classes)",
  },
  {
    name: "output",
    value: "NAME",
    help: "the output that the labels are of, where a model has several (default: the one that has learned them, or has as many units as there are classes)",
  },
];

/** As asked for. */
export interface JudgingChoice {
  readonly loss?: string;
  readonly metrics?: readonly string[];
  readonly output?: string;
}

/** What `compile` takes. */
export interface Judging {
  readonly loss?: string | Readonly<Record<string, string>>;
  readonly metrics?: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

export function readJudging({ options }: Arguments): JudgingChoice {
  const [loss, output] = [options.get("loss"), options.get("output")];
  const metrics = options
    .get("metrics")
    ?.split(",")
    .map((name) => name.trim());
  return {
    ...(loss !== undefined && { loss }),
    ...(metrics && { metrics }),
    ...(output !== undefined && { output }),
  };
}

/** @throws UnsupportedModel for one of several inputs, which no data of the command line has */
export function checkInputs(model: LayersModel, place: string): void {
  if (model.inputs.length === 1) return;
  const names = model.inputNames.join(", ");
  throw new HoneError(
    "UnsupportedModel",
    place,
    `the model takes ${model.inputs.length} inputs (${names}), and the command line has pictures alone to give. Use the library, which takes data by name: dataset({ x: { ${names} }, y }).`,
  );
}

/**
 * What a model is judged by on this data.
 * @throws BadArgument for an output that is not there, or several that the labels may be of; BadData when the data has
 * more classes than the output tells apart
 */
export function judgingFor(
  command: Pick<CommandSpec, "name">,
  model: LayersModel,
  data: Dataset,
  choice: JudgingChoice = {},
): Judging {
  const at = labelledOutput(command, model, data, choice.output);
  checkClasses(model, data, at);
  const loss = choice.loss ?? savedLoss(model, at);
  const { metrics } = choice;
  if (model.outputs.length === 1) return { ...(loss && { loss }), ...(metrics && { metrics }) };
  const name = outputNamesOf(model)[at] as string;
  if (loss === undefined && !endsInSoftmax(model, at)) {
    throw misuse(
      command,
      `output "${name}" does not end in softmax, so its loss must be said: --loss NAME`,
    );
  }
  return {
    loss: { [name]: loss ?? "sparseCategoricalCrossentropy" },
    metrics: { [name]: metrics ?? ["acc"] },
  };
}

interface TaskParts {
  readonly task: Task;
  readonly model: LayersModel;
  readonly data: Dataset;
  readonly choice: JudgingChoice;
}

/** What a model of the zoo is judged by: as its task says, unless told otherwise. @throws as `judgingFor` */
export function taskJudging(
  command: Pick<CommandSpec, "name">,
  { task, model, data, choice }: TaskParts,
): Judging {
  const { loss, metrics } = task;
  if (typeof loss === "string") {
    const chosen = { loss, ...(choice.loss === undefined && metrics && { metrics }), ...choice };
    return judgingFor(command, model, data, chosen);
  }
  const [asked] = Object.keys(choice);
  if (asked === undefined) return { loss, metrics: {} };
  const names = Object.keys(loss).join(", ");
  throw misuse(
    command,
    `'--${asked}' does not go with a model that learns by losses of its own, of ${names}`,
  );
}

/** As tfjs has them. */
export function outputNamesOf({ outputs, outputNames }: LayersModel): readonly string[] {
  // A Sequential, which has one of each, leaves its lists of names empty.
  return outputs.map(({ sourceLayer, name }, at) => outputNames[at] ?? sourceLayer?.name ?? name);
}

/** The output of which the labels are, by place; the only one, the one asked for, or the one that fits. */
function labelledOutput(
  command: Pick<CommandSpec, "name">,
  model: LayersModel,
  data: Dataset,
  asked: string | undefined,
): number {
  const { outputs } = model;
  const outputNames = outputNamesOf(model);
  if (asked !== undefined) {
    const at = outputNames.indexOf(asked);
    if (at >= 0) return at;
    throw misuse(
      command,
      `the model's outputs are ${outputNames.join(", ")}; none is called '${asked}'`,
      outputNames,
    );
  }
  if (outputs.length === 1) return 0;
  const saved = (model.getUserDefinedMetadata() as { classOutput?: unknown } | null)?.classOutput;
  if (typeof saved === "string" && outputNames.includes(saved)) return outputNames.indexOf(saved);
  const classes = classNamesOf(data)?.length ?? 0;
  const fitting = [...outputs.keys()].filter((at) => {
    const { shape } = outputs[at] as (typeof outputs)[number];
    return shape.length === 2 && shape[1] === classes;
  });
  const [only, ...more] = fitting;
  if (only !== undefined && more.length === 0) return only;
  const found = only === undefined ? "none has" : "several have";
  throw misuse(
    command,
    `the model has outputs ${outputNames.join(", ")}, of which ${found} the ${classes} units that the data's labels want. Say which they are of: --output NAME`,
  );
}

/** @throws BadData when the data has more classes than the output tells apart */
function checkClasses({ outputs }: LayersModel, data: Dataset, at: number): void {
  const classes = classNamesOf(data)?.length;
  const told = outputs[at]?.shape.at(-1);
  // One unit tells two classes apart, or is a regression's.
  if (classes === undefined || typeof told !== "number" || told < 2 || classes <= told) return;
  throw new HoneError(
    "BadData",
    `data set "${data.name}"`,
    `it has ${classes} classes, but the model tells ${told} apart. Give a model with ${classes} outputs.`,
  );
}

/**
 * The loss that an output was saved with. Labels are class indices here, so that a model which learned from one-hot
 * rows has the same loss under its other name.
 */
function savedLoss(model: LayersModel, at: number): string | undefined {
  if (!model.optimizer) return undefined;
  const saved: unknown = model.loss;
  const name = outputNamesOf(model)[at] as string;
  const own =
    typeof saved === "object" && saved !== null
      ? ((saved as Readonly<Record<string | number, unknown>>)[name] ??
        (saved as Readonly<Record<string | number, unknown>>)[at])
      : saved;
  if (typeof own !== "string") return undefined;
  const oneHot = own === "categoricalCrossentropy" || own === "categorical_crossentropy";
  return oneHot ? "sparseCategoricalCrossentropy" : own;
}

function endsInSoftmax({ outputs }: LayersModel, at: number): boolean {
  const layer = outputs[at]?.sourceLayer as layers.Layer | undefined;
  return layer?.getClassName() === "Softmax" || layer?.getConfig().activation === "softmax";
}
