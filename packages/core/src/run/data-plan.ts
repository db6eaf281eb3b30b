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

/**
 * Class weights as a list for each output, in the classes' order.
 * @param given of the only output, or by output: `{ 0: 1, 1: 2.5 }` or a list; or, as in tfjs, a list of such records
 * @throws BadArgument for classes in the data without a weight, and for what is no weight
 */
export function planClassWeights(
  given: unknown,
  terms: readonly Term[],
  data: DataSpec,
  dataset: Dataset,
): Record<string, readonly number[]> | undefined {
  if (given === undefined || given === null) return undefined;
  checkWeighable(terms, "classWeight", given);
  const outputs = Object.keys(data.labels);
  const isRecord = typeof given === "object";
  if (!isRecord) refuseWeights(`it is ${String(given)}. Give { class: weight, … }`);
  const listed = listedByOutput(given, terms);
  const named = outputs.some((output) => Object.hasOwn(given as object, output));
  if (!listed && !named && outputs.length !== 1) {
    refuseWeights(
      `the model has judged outputs ${outputs.join(", ")}. Give weights by output: { ${outputs[0]}: { 0: 1, 1: 2 } }`,
    );
  }
  const only = () => ({ [outputs[0] as string]: given });
  const byOutput = listed ?? (named ? (given as object) : only());
  return Object.fromEntries(
    Object.entries(byOutput).map(([output, weights]) => {
      const column = data.labels[output];
      if (column === undefined) refuseWeights(`there is no judged output "${output}"`);
      return [output, weightList(weights, dataset, column as string)];
    }),
  );
}

/** tfjs's list of records, one for each output in the model's order; null for an output whose classes count alike. */
function listedByOutput(
  given: unknown,
  terms: readonly Term[],
): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(given) || !given.some((one) => typeof one === "object")) return undefined;
  if (given.length !== terms.length) {
    refuseWeights(
      `${given.length} records are given, the model has ${terms.length} judged outputs. Give one for each, or null`,
    );
  }
  const entries = terms.map(({ output }, index) => [output as string, given[index]] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== null && one !== undefined));
}

function weightList(given: unknown, dataset: Dataset, name: string): readonly number[] {
  if (typeof given !== "object" || given === null) {
    refuseWeights(`it is ${String(given)} for "${name}". Give { class: weight, … }`);
  }
  const weights = new Map(
    Object.entries(given as object).map(([index, weight]) => [Number(index), weight]),
  );
  for (const [index, weight] of weights) {
    const fits = typeof weight === "number" && Number.isFinite(weight) && Number.isInteger(index);
    if (fits) continue;
    const found = typeof weight === "object" && weight !== null ? "an object" : String(weight);
    refuseWeights(`class ${index} has weight ${found}. Give a finite number`);
  }
  const most = Math.max(-1, ...weights.keys());
  for (const index of classesIn(dataset, name)) {
    if (weights.has(index)) continue;
    refuseWeights(`class ${index} is in the data's "${name}" and has no weight. Give it one`);
  }
  return Array.from({ length: most + 1 }, (_, index) => (weights.get(index) as number) ?? 0);
}

/** Classes that occur: the labels themselves where there is one a row, else each row's first maximum. */
function classesIn(dataset: Dataset, name: string): ReadonlySet<number> {
  const column = columnOf(dataset, name);
  const { data, scale, offset, shape } = column;
  const width = rowLength(column);
  if (shape.length > 1) {
    refuseWeights(
      `labels of "${name}" have shape [${shape}] a row; class weights take one class a row`,
    );
  }
  const found = new Set<number>();
  for (let row = 0; row < dataset.rows; row++) {
    let best = 0;
    const value = (at: number) => (data[row * width + at] as number) * scale + offset;
    for (let at = 1; at < width; at++) if (value(at) > value(best)) best = at;
    found.add(width === 1 ? value(0) : best);
  }
  return found;
}

function refuseWeights(what: string): never {
  throw new HoneError("BadArgument", "classWeight", `${what}.`);
}
