/** Class weights as the loss takes them. */
import { HoneError } from "../errors.js";
import type { DataSpec } from "../graph/feeds.js";
import type { Term } from "../graph/terms.js";
import { checkWeighable } from "./data-plan.js";
import { columnOf, type Dataset, rowLength } from "./dataset.js";

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
