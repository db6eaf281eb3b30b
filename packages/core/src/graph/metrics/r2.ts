/** The share of the labels' variance that the outputs explain. */
import type { GraphBuilder } from "../builder.js";
import { sizeOf } from "../geometry.js";
import { labelsLikeOutput } from "../losses/rows.js";
import { joined, known, outputRows, total } from "./counts.js";
import type { NamedMetric } from "./names.js";

/**
 * Σ (label − output)², Σ label, Σ label² and their number, [4]. Sums that add up over batches cost digits
 * where the labels' mean is large beside their spread: of a mean of 100 spreads one keeps three.
 */
export function residuals(
  builder: GraphBuilder,
  metric: NamedMetric,
  output: number,
  labels: number,
): number {
  const target = labelsLikeOutput(builder, `metric ${metric.name}`, output, labels);
  const errors = builder.op("SquaredDifference", [target, outputRows(builder, output)]);
  return joined(builder, [
    total(builder, errors),
    total(builder, target),
    total(builder, builder.op("Square", [target])),
    known(builder, sizeOf(builder.shape(output))),
  ]);
}

export function explained(_metric: NamedMetric, parts: readonly number[]): number {
  const [errors, sum, squares, count] = parts as readonly [number, number, number, number];
  return 1 - errors / (squares - (sum * sum) / count);
}
