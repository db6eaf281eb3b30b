/**
 * How many answers are right, as tfjs decides it, over how many there were: [2].
 *
 * A yes or no is right when the label *equals* 0 or 1 as the output is below or above the threshold, so
 * that a soft label, or one of −1, is never right. Top k is in tfjs by name only; here it is TensorFlow's
 * `in_top_k`: outputs as large as the label's do not displace it.
 */
import type { GraphBuilder } from "../builder.js";
import { classLabels, float, labelsLikeOutput, oneHot, rowsOf, sumOfRow } from "../losses/rows.js";
import { reshape } from "../ops/rules.js";
import { joined, known, outputRows, total } from "./counts.js";
import { figureOption, type NamedMetric } from "./names.js";

type Parts = (builder: GraphBuilder, metric: NamedMetric, output: number, labels: number) => number;

const where = ({ name }: NamedMetric) => `metric ${name}`;

/** The count of ones among `right`, and how many there are. */
function outOfAll(builder: GraphBuilder, right: number, all: number): number {
  return joined(builder, [right, known(builder, all)]);
}

export const binaryAccuracy: Parts = (builder, metric, output, labels) => {
  const [rows, columns] = rowsOf(builder.shape(output));
  const target = labelsLikeOutput(builder, where(metric), output, labels);
  const threshold = builder.scalar(figureOption(metric, "threshold"));
  const given = builder.op("Greater", [outputRows(builder, output), threshold]);
  return outOfAll(builder, total(builder, builder.op("Equal", [target, given])), rows * columns);
};

export const categoricalAccuracy: Parts = (builder, metric, output, labels) => {
  const [rows] = rowsOf(builder.shape(output));
  const target = labelsLikeOutput(builder, where(metric), output, labels);
  const right = builder.op("CountCorrect", [outputRows(builder, output), target], {
    kind: "one-hot",
  });
  return outOfAll(builder, right, rows);
};

export const sparseCategoricalAccuracy: Parts = (builder, metric, output, labels) => {
  const [rows] = rowsOf(builder.shape(output));
  const classes = classLabels(builder, where(metric), output, labels);
  const values = outputRows(builder, output);
  if (builder.tensor(labels).dtype === "int32") {
    const right = builder.op("CountCorrect", [values, classes], { kind: "sparse" });
    return outOfAll(builder, right, rows);
  }
  // A label between two classes is none.
  const winners = float(builder, builder.op("ArgMax", [values]));
  const equal = builder.op("Equal", [reshape(builder, labels, [rows]), winners]);
  return outOfAll(builder, total(builder, equal), rows);
};

/** @param hot [rows, columns], 1 at each row's class */
function withinTop(builder: GraphBuilder, metric: NamedMetric, output: number, hot: number) {
  const [rows] = rowsOf(builder.shape(output));
  const values = outputRows(builder, output);
  const chosen = builder.op("Select", [hot, values, builder.scalar(0)]);
  const larger = builder.op("Greater", [values, sumOfRow(builder, chosen, true)]);
  const k = builder.scalar(figureOption(metric, "k"));
  const right = builder.op("Less", [sumOfRow(builder, larger), k]);
  return outOfAll(builder, total(builder, right), rows);
}

export const topKCategoricalAccuracy: Parts = (builder, metric, output, labels) => {
  const [, columns] = rowsOf(builder.shape(output));
  const target = labelsLikeOutput(builder, where(metric), output, labels);
  const classes = builder.op("ArgMax", [target]);
  return withinTop(builder, metric, output, oneHot(builder, classes, columns));
};

export const sparseTopKCategoricalAccuracy: Parts = (builder, metric, output, labels) => {
  const [, columns] = rowsOf(builder.shape(output));
  const classes = classLabels(builder, where(metric), output, labels);
  return withinTop(builder, metric, output, oneHot(builder, classes, columns));
};
