/**
 * Hits among yes and no: precision, recall, and the area under the ROC curve.
 *
 * tfjs counts an output as a yes when it equals 1 and as a no when it equals 0: nothing is rounded, so a
 * sigmoid says neither. Give `threshold` to count the outputs above it as yes, all others as no.
 */
import type { GraphBuilder } from "../builder.js";
import { sizeOf } from "../geometry.js";
import { labelsLikeOutput } from "../losses/rows.js";
import { reshape } from "../ops/rules.js";
import { both, joined, known, outputRows, total } from "./counts.js";
import { EXACT, figureOption, type NamedMetric } from "./names.js";

type Parts = (builder: GraphBuilder, metric: NamedMetric, output: number, labels: number) => number;

const equals = (builder: GraphBuilder, id: number, value: number) =>
  builder.op("Equal", [id, builder.scalar(value)]);

/** [rows, columns] of 1 where the output is a yes, or a no, and 0 elsewhere. */
function answers(builder: GraphBuilder, metric: NamedMetric, output: number, yes: boolean): number {
  const values = outputRows(builder, output);
  const threshold = figureOption(metric, "threshold");
  if (threshold === EXACT) return equals(builder, values, yes ? 1 : 0);
  return builder.op(yes ? "Greater" : "LessEqual", [values, builder.scalar(threshold)]);
}

/** True positives and false positives, [2]. */
export const precision: Parts = (builder, metric, output, labels) => {
  const target = labelsLikeOutput(builder, `metric ${metric.name}`, output, labels);
  const yes = answers(builder, metric, output, true);
  const right = total(builder, both(builder, equals(builder, target, 1), yes));
  return joined(builder, [right, total(builder, both(builder, equals(builder, target, 0), yes))]);
};

/** True positives and false negatives, [2]. */
export const recall: Parts = (builder, metric, output, labels) => {
  const target = labelsLikeOutput(builder, `metric ${metric.name}`, output, labels);
  const actual = equals(builder, target, 1);
  const found = both(builder, actual, answers(builder, metric, output, true));
  const missed = both(builder, actual, answers(builder, metric, output, false));
  return joined(builder, [total(builder, found), total(builder, missed)]);
};

/** Hits over hits and misses; 0 where there are neither, as in tfjs. */
export function hitShare(_metric: NamedMetric, [hits, misses]: readonly number[]) {
  const all = (hits as number) + (misses as number);
  return all > 0 ? (hits as number) / all : 0;
}

/** Outputs compared with all thresholds at once: what is alive is this times the thresholds. */
const ELEMENTS_AT_ONCE = 4096;

/** Just below 0, evenly spaced, just above 1: Keras's thresholds. */
function thresholdsOf(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    if (index === 0) return -1e-7;
    return index === count - 1 ? 1 + 1e-7 : index / (count - 1);
  });
}

/** For each threshold the positives above it, then all above it; then positives and all: [2n + 2]. */
export const auc: Parts = (builder, metric, output, labels) => {
  const count = figureOption(metric, "thresholds");
  const size = sizeOf(builder.shape(output));
  const target = labelsLikeOutput(builder, `metric ${metric.name}`, output, labels);
  const positive = reshape(builder, builder.op("Greater", [target, builder.scalar(0.5)]), [
    size,
    1,
  ]);
  const values = reshape(builder, output, [size, 1]);
  const thresholds = builder.constant(thresholdsOf(count), [1, count]);
  let above: number | undefined;
  for (let start = 0; start < size; start += ELEMENTS_AT_ONCE) {
    const rows = Math.min(ELEMENTS_AT_ONCE, size - start);
    const slice = (id: number) =>
      rows === size ? id : builder.op("Slice", [id], { begin: [start, 0], size: [rows, 1] });
    const ones = builder.constant(new Float64Array(rows).fill(1), [rows, 1]);
    const weights = builder.op("Concat", [slice(positive), ones], { axis: 1 });
    const larger = builder.op("Greater", [slice(values), thresholds]);
    const sums = builder.op("BatchMatMul", [weights, larger], {
      transposeA: true,
      transposeB: false,
    });
    above = above === undefined ? sums : builder.op("Add", [above, sums]);
  }
  const counts = reshape(builder, above as number, [2 * count]);
  return joined(builder, [counts, total(builder, positive), known(builder, size)]);
};

/** The area by trapezoids; a rate among none is 0, as in Keras. */
export function areaUnderCurve(metric: NamedMetric, parts: readonly number[]): number {
  const count = figureOption(metric, "thresholds");
  const at = (index: number) => parts[index] as number;
  const positives = at(2 * count);
  const negatives = at(2 * count + 1) - positives;
  const rate = (hits: number, all: number) => (all > 0 ? hits / all : 0);
  const point = (index: number) => ({
    x: rate(at(count + index) - at(index), negatives),
    y: rate(at(index), positives),
  });
  let area = 0;
  for (let index = 1; index < count; index++) {
    const [right, left] = [point(index - 1), point(index)];
    area += ((right.x - left.x) * (right.y + left.y)) / 2;
  }
  return area;
}
