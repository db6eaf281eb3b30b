/** The metrics by name: every loss, the metrics of tfjs, and those it names and does not compute. */
import {
  checkedOptions,
  type LossName,
  lossNameOf,
  lossOf,
  type NamedLoss,
  type OptionRule,
  type OptionRules,
} from "../losses/names.js";
import type { Shape } from "../types.js";

export const FIGURE_NAMES = [
  "binaryAccuracy",
  "categoricalAccuracy",
  "sparseCategoricalAccuracy",
  "topKCategoricalAccuracy",
  "sparseTopKCategoricalAccuracy",
  "precision",
  "recall",
  "auc",
  "r2Score",
] as const;
/** A metric that is no loss: larger is better. */
export type FigureName = (typeof FIGURE_NAMES)[number];
/** The metrics that have names: every loss, and figures of their own. */
export type MetricName = LossName | FigureName;

/** A metric as plain data: its canonical name and the options that are not as they are by default. */
export interface NamedMetric {
  readonly name: MetricName;
  readonly [option: string]: number | boolean | string;
}

const whole = (otherwise: number, least: number, most: number): OptionRule => ({
  otherwise,
  allowed: `a whole number from ${least} to ${most}`,
  fits: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
});
/** What `threshold` is when an answer must be 0 or 1 to count. */
export const EXACT = Number.NEGATIVE_INFINITY;
const threshold = (otherwise: number): OptionRule => ({
  otherwise,
  allowed: "a number",
  fits: (value) => typeof value === "number" && Number.isFinite(value),
});

const OPTIONS: Readonly<Partial<Record<FigureName, OptionRules>>> = {
  binaryAccuracy: { threshold: threshold(0.5) },
  topKCategoricalAccuracy: { k: whole(5, 1, 2 ** 20) },
  sparseTopKCategoricalAccuracy: { k: whole(5, 1, 2 ** 20) },
  precision: { threshold: threshold(EXACT) },
  recall: { threshold: threshold(EXACT) },
  auc: { thresholds: whole(200, 2, 1000) },
};

export const isFigure = (name: string): name is FigureName =>
  FIGURE_NAMES.some((known) => known === name);

/** A numeric option of a metric that is no loss, or its default. */
export function figureOption(metric: NamedMetric, option: string): number {
  const rules = isFigure(metric.name) ? OPTIONS[metric.name] : undefined;
  return Number(metric[option] ?? rules?.[option]?.otherwise);
}

const SHORT: Readonly<Record<string, "acc" | "ce">> = {
  accuracy: "acc",
  acc: "acc",
  crossentropy: "ce",
  ce: "ce",
};

/**
 * The metric for a name or alias of tfjs, or for a record of a name and options.
 *
 * @param output the shape of a row of the output; with the loss it decides what "accuracy" and
 *   "crossentropy" are, as in tfjs's `compile`
 * @returns the metric, and the name its figures have in tfjs's History; undefined when there is none
 * @throws BadArgument for an option the metric does not have, or a value it may not take
 */
export function metricOf(
  given: unknown,
  output: Shape,
  loss: NamedLoss | undefined,
): { readonly metric: NamedMetric; readonly label: string } | undefined {
  const record: unknown = typeof given === "string" ? { name: given } : given;
  if (typeof record !== "object" || record === null || !("name" in record)) return undefined;
  const { name: title, ...options } = record as Readonly<Record<string, unknown>>;
  if (typeof title !== "string") return undefined;
  const short = Object.hasOwn(SHORT, title) ? SHORT[title] : undefined;
  if (short !== undefined) {
    const implied = short === "acc" ? accuracyFor(output, loss) : entropyFor(output, loss);
    return { metric: checked({ ...implied, ...options }), label: short };
  }
  if (!isFigure(title) && lossNameOf(title) === undefined) return undefined;
  return { metric: checked({ ...options, name: title }), label: title };
}

function checked(
  record: Readonly<Record<string, unknown>> & { readonly name: string },
): NamedMetric {
  const { name, ...options } = record;
  if (!isFigure(name)) return lossOf(record) as NamedLoss;
  return { name, ...checkedOptions(`metric ${name}`, OPTIONS[name] ?? {}, options) };
}

type Encoding = "binary" | "sparse" | "one-hot";

function encodingOf(output: Shape, loss: NamedLoss | undefined): Encoding {
  const name = loss?.name;
  const isBinary = name === "binaryCrossentropy" || name === "binaryFocalCrossentropy";
  if (isBinary || (output.at(-1) ?? 1) === 1) return "binary";
  return name === "sparseCategoricalCrossentropy" ? "sparse" : "one-hot";
}

const ACCURACIES = {
  binary: "binaryAccuracy",
  sparse: "sparseCategoricalAccuracy",
  "one-hot": "categoricalAccuracy",
} as const satisfies Record<Encoding, FigureName>;

const ENTROPIES = {
  binary: "binaryCrossentropy",
  sparse: "sparseCategoricalCrossentropy",
  "one-hot": "categoricalCrossentropy",
} as const satisfies Record<Encoding, LossName>;

/** A logit says yes above 0, where its probability is above a half. */
function accuracyFor(output: Shape, loss: NamedLoss | undefined) {
  const name = ACCURACIES[encodingOf(output, loss)];
  const ofLogits = name === "binaryAccuracy" && loss?.fromLogits === true;
  return { name, ...(ofLogits ? { threshold: 0 } : {}) };
}

function entropyFor(output: Shape, loss: NamedLoss | undefined) {
  const ofLogits = loss?.fromLogits === true ? { fromLogits: true } : {};
  return { name: ENTROPIES[encodingOf(output, loss)], ...ofLogits };
}
