/**
 * Which column of a data set goes to which port of a model, and whether what it holds can be what the model takes.
 * Everything is checked here, before anything is uploaded or runs.
 */
import { HoneError } from "../errors.js";
import type { ColumnSpec, DataSpec } from "../graph/feeds.js";
import { labelKind, labelRange, labelShapeFits, type NamedLoss } from "../graph/losses/index.js";
import type { PortInfo, TracedModel } from "../graph/template.js";
import { isTraced, type Term } from "../graph/terms.js";
import {
  type Column,
  columnOf,
  type Dataset,
  inputNames,
  labelNames,
  rowLength,
  validateDataset,
} from "./dataset.js";

/** The data type of a column's elements on a device. */
export function columnSpec({ data, shape, scale, offset }: Column): ColumnSpec {
  const dtype =
    data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  return { dtype, rowShape: shape, scale, offset };
}

/** What inputs alone need: for predictions. @throws BadData when the columns do not fit the model's inputs */
export function planInputs(model: TracedModel, dataset: Dataset): DataSpec {
  const inputs = matched(dataset, inputNames(dataset), model.inputs, "input");
  return { columns: specsOf(dataset, Object.values(inputs)), inputs, labels: {} };
}

/**
 * What a training or an evaluation needs.
 * @param options `isValid` for data whose form and numbers were looked at before
 * @throws BadData for columns that do not fit and for values that are not finite or outside of what a loss takes;
 * ShapeMismatch for labels of another shape than the loss takes
 */
export function planData(
  model: TracedModel,
  terms: readonly Term[],
  dataset: Dataset,
  { isValid = false }: { readonly isValid?: boolean } = {},
): DataSpec {
  if (!isValid) validateDataset(dataset);
  const inputs = matched(dataset, inputNames(dataset), model.inputs, "input");
  const judged = judgedOutputs(model, terms);
  const labels = matched(dataset, labelNames(dataset), judged, "output");
  checkTerms(model, terms, dataset, labels);
  checkWeighable(terms, "sampleWeights", dataset.sampleWeights);
  const sampleWeights = weightsOf(dataset, labels);
  const used = [inputs, labels, sampleWeights ?? {}].flatMap((map) => Object.values(map));
  return {
    columns: specsOf(dataset, used),
    inputs,
    labels,
    ...(sampleWeights && { sampleWeights }),
  };
}

/** @throws BadArgument for weights of rows under a loss of all outputs together, which belong to none of them */
export function checkWeighable(terms: readonly Term[], where: string, weights: unknown): void {
  if (weights === undefined || weights === null) return;
  if (terms.every(({ output }) => output !== undefined)) return;
  const what =
    "the loss takes all outputs together, so that rows have no weight of their own. Give the model the weights as an input, and weigh in the loss.";
  throw new HoneError("BadArgument", where, what);
}

/** @throws BadData, ShapeMismatch for labels that a loss does not take; `labels` names the column of each output's */
export function checkTerms(
  model: TracedModel,
  terms: readonly Term[],
  dataset: Dataset,
  labels: Readonly<Record<string, string>>,
): void {
  for (const term of terms) checkTerm(model, term, dataset, labels);
}

/** Outputs that something compares with labels. */
export function judgedOutputs(model: TracedModel, terms: readonly Term[]): readonly PortInfo[] {
  const read = new Set(model.training.two.labels.map(({ name }) => name));
  for (const { output, loss, metrics } of terms) {
    if (output === undefined) continue;
    const named = [loss, ...metrics.map(({ metric }) => metric)];
    if (named.some((one) => one !== undefined && !isTraced(one))) read.add(output);
  }
  return model.outputs.filter(({ name }) => read.has(name));
}

function specsOf(dataset: Dataset, names: readonly string[]): Record<string, ColumnSpec> {
  return Object.fromEntries(names.map((name) => [name, columnSpec(columnOf(dataset, name))]));
}

/** The column for each port: by name, or the only one for the only one. */
function matched(
  dataset: Dataset,
  columns: readonly string[],
  ports: readonly { readonly name: string }[],
  kind: "input" | "output",
): Record<string, string> {
  const [port, ...more] = ports;
  if (port && more.length === 0 && columns.length === 1)
    return { [port.name]: columns[0] as string };
  const what = kind === "input" ? "x" : "y";
  const names = ports.map(({ name }) => name);
  const missing = names.filter((name) => !columns.includes(name));
  const extra = columns.filter((name) => !names.includes(name));
  if (missing.length > 0 || extra.length > 0) {
    const list = (all: readonly string[]) => (all.length > 0 ? all.join(", ") : "none");
    const has = kind === "input" ? "the model's inputs are" : "the model's judged outputs are";
    throw new HoneError(
      "BadData",
      `data set "${dataset.name}"`,
      `${has} ${list(names)}, the data has columns ${list(columns)} in ${what}. Give ${what} one column for each, by those names.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, name]));
}

function weightsOf(
  dataset: Dataset,
  labels: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const { sampleWeights } = dataset;
  if (sampleWeights === undefined) return undefined;
  const entries = Object.entries(labels).flatMap(([output, column]) => {
    const weights = typeof sampleWeights === "string" ? sampleWeights : sampleWeights[column];
    return weights === undefined ? [] : [[output, weights] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function checkTerm(
  model: TracedModel,
  { output, loss }: Term,
  dataset: Dataset,
  labels: Readonly<Record<string, string>>,
): void {
  if (output === undefined || loss === undefined || isTraced(loss)) return;
  const port = model.outputs.find(({ name }) => name === output) as PortInfo;
  const name = labels[output] as string;
  const column = columnOf(dataset, name);
  if (!labelShapeFits(loss, port.shape, column.shape)) {
    const isIndex = labelKind(loss) === "class-index";
    const wanted = isIndex ? port.shape.slice(0, -1) : port.shape;
    throw new HoneError(
      "ShapeMismatch",
      `loss ${loss.name}`,
      `a row of the model's output "${output}" is [${port.shape}], which goes with labels of [${wanted}] a row; a row of the data's "${name}" is [${column.shape}]. Check the last layer's units and the labels' encoding.`,
    );
  }
  checkRange(loss, port, dataset, name);
}

/** @throws BadData, naming the first row and value outside of what the loss takes */
function checkRange(loss: NamedLoss, port: PortInfo, dataset: Dataset, name: string): void {
  const range = labelRange(loss, port.shape);
  if (range === undefined) return;
  const column = columnOf(dataset, name);
  const { data, scale, offset } = column;
  const { min, max, whole } = range;
  for (let at = 0; at < data.length; at++) {
    const value = (data[at] as number) * scale + offset;
    if (value >= min && value <= max && !(whole && !Number.isInteger(value))) continue;
    const row = Math.floor(at / rowLength(column));
    const numbers = whole ? "whole numbers" : "numbers";
    const limits = Number.isFinite(max)
      ? `${numbers} from ${min} to ${max}`
      : `${numbers} from ${min} on`;
    const classes =
      labelKind(loss) === "class-index"
        ? ` The model has ${max + 1} classes: correct the label, or give the last layer more units.`
        : " Scale or correct the labels, or choose another loss.";
    throw new HoneError(
      "BadData",
      `data set "${dataset.name}"`,
      `column ${name} holds ${value} in row ${row}, and loss ${loss.name} takes ${limits}.${classes}`,
    );
  }
}
