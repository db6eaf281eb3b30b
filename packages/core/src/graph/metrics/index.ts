import type { GraphBuilder } from "../builder.js";
import { accuracyKind, countCorrect } from "../loss.js";
import type { NamedLoss } from "../losses/index.js";
import type { Shape } from "../types.js";
export type MetricName = string;
export interface NamedMetric {
  readonly name: MetricName;
  readonly [option: string]: number | boolean | string;
}
export function metricOf(
  given: unknown,
  _output: Shape,
  loss: NamedLoss | undefined,
): { metric: NamedMetric; label: string } | undefined {
  return given === "acc" || given === "accuracy"
    ? { metric: { name: "acc", kind: accuracyKind(loss?.name as never) ?? "binary" }, label: "acc" }
    : undefined;
}
export function metricParts(
  builder: GraphBuilder,
  metric: NamedMetric,
  output: number,
  labels: number,
): number {
  return countCorrect(builder, metric.kind as never, output, labels);
}
export function metricWidth(_metric: NamedMetric): number {
  return 1;
}
export function metricJoins(_metric: NamedMetric): "mean" | "sum" {
  return "sum";
}
export function metricValue(_metric: NamedMetric, parts: ArrayLike<number>): number {
  return parts[0] as number;
}
export function metricDirection(_metric: NamedMetric): 1 | -1 {
  return 1;
}
