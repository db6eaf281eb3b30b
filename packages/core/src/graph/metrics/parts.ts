/** A metric in two halves: the numbers of a batch, computed on the device, and the figure from all of them. */
import type { GraphBuilder } from "../builder.js";
import { sizeOf } from "../geometry.js";
import { lossTensor, type NamedLoss } from "../losses/index.js";
import { scaled } from "../ops/rules.js";
import * as accuracy from "./accuracy.js";
import { total } from "./counts.js";
import { areaUnderCurve, auc, hitShare, precision, recall } from "./hits.js";
import { type FigureName, figureOption, isFigure, type NamedMetric } from "./names.js";
import { explained, residuals } from "./r2.js";

interface Figure {
  readonly width: (metric: NamedMetric) => number;
  /** Appends the numbers of a batch, [width]; those of several batches are added. */
  readonly parts: (
    builder: GraphBuilder,
    metric: NamedMetric,
    output: number,
    labels: number,
  ) => number;
  readonly value: (metric: NamedMetric, parts: readonly number[]) => number;
}

const two = () => 2;
const share = (parts: Figure["parts"]): Figure => ({
  width: two,
  parts,
  value: (_metric, [right, all]) => (right as number) / (all as number),
});

const FIGURES: Readonly<Record<FigureName, Figure>> = {
  binaryAccuracy: share(accuracy.binaryAccuracy),
  categoricalAccuracy: share(accuracy.categoricalAccuracy),
  sparseCategoricalAccuracy: share(accuracy.sparseCategoricalAccuracy),
  topKCategoricalAccuracy: share(accuracy.topKCategoricalAccuracy),
  sparseTopKCategoricalAccuracy: share(accuracy.sparseTopKCategoricalAccuracy),
  precision: { width: two, parts: precision, value: hitShare },
  recall: { width: two, parts: recall, value: hitShare },
  auc: {
    width: (metric) => 2 * figureOption(metric, "thresholds") + 2,
    parts: auc,
    value: areaUnderCurve,
  },
  r2Score: { width: () => 4, parts: residuals, value: explained },
};

/** The figure of a metric that is no loss. */
const figureOf = ({ name }: NamedMetric) => (isFigure(name) ? FIGURES[name] : undefined);

/**
 * Appends the numbers of a batch that the metric is made of.
 * @param output [B, …row, C], the model's output @param labels as the metric takes them, float32 or int32
 * @returns [metricWidth] @throws ShapeMismatch
 */
export function metricParts(
  builder: GraphBuilder,
  metric: NamedMetric,
  output: number,
  labels: number,
): number {
  const figure = figureOf(metric);
  if (figure) return figure.parts(builder, metric, output, labels);
  const losses = lossTensor(builder, metric as NamedLoss, output, labels);
  return scaled(builder, total(builder, losses), 1 / sizeOf(builder.shape(losses)));
}

/** How many numbers a batch gives. */
export function metricWidth(metric: NamedMetric): number {
  return figureOf(metric)?.width(metric) ?? 1;
}

/**
 * How the numbers of several batches join: `mean` weighs them by the batches' rows, as tfjs does; `sum`
 * adds them, so that precision, recall, r2 and the area are those of the whole set, not means over batches.
 */
export function metricJoins(metric: NamedMetric): "mean" | "sum" {
  return isFigure(metric.name) ? "sum" : "mean";
}

/** The figure from the joined numbers. @param parts metricWidth of them */
export function metricValue(metric: NamedMetric, parts: ArrayLike<number>): number {
  const list = Array.from(parts);
  return figureOf(metric)?.value(metric, list) ?? (list[0] as number);
}

/** 1 when larger is better, −1 when smaller is: tfjs's cosine is one of these. */
export function metricDirection(metric: NamedMetric): 1 | -1 {
  return isFigure(metric.name) ? 1 : -1;
}
