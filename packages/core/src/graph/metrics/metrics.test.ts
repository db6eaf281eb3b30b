import { expect, test } from "vitest";
import { holdEverything } from "../../plan/everything.js";
import { GraphBuilder } from "../builder.js";
import { lossOf } from "../losses/index.js";
import {
  metricDirection,
  metricJoins,
  metricOf,
  metricParts,
  metricValue,
  metricWidth,
  type NamedMetric,
} from "./index.js";

holdEverything();

const metric = (given: unknown) => metricOf(given, [4], undefined)?.metric as NamedMetric;

test("figures have the names that tfjs gives them", () => {
  const labels = ["accuracy", "acc", "crossentropy", "ce", "mse", "MAE", "precision", "cosine"];
  expect(labels.map((given) => metricOf(given, [4], undefined)?.label)).toEqual([
    "acc",
    "acc",
    "ce",
    "ce",
    "mse",
    "MAE",
    "precision",
    "cosine",
  ]);
  expect(metric("cosine")).toEqual({ name: "cosineProximity" });
});

test("what is unknown is undefined, and a wrong option is refused", () => {
  for (const other of ["f1", "constructor", undefined, 3, {}]) {
    expect(metricOf(other, [4], undefined)).toBeUndefined();
  }
  expect(() => metric({ name: "topKCategoricalAccuracy", k: 0 })).toThrow(
    "[hone] metric topKCategoricalAccuracy: its option k is 0. Give a whole number from 1 to 1048576.",
  );
  expect(() => metric({ name: "recall", k: 1 })).toThrow(
    '[hone] metric recall: it has no option "k". Choose from threshold.',
  );
});

test("the accuracy of logits is at 0, and their cross-entropy is told that they are", () => {
  const loss = lossOf({ name: "binaryCrossentropy", fromLogits: true });
  expect(metricOf("acc", [1], loss)?.metric).toEqual({ name: "binaryAccuracy", threshold: 0 });
  expect(metricOf("ce", [1], loss)?.metric).toEqual({
    name: "binaryCrossentropy",
    fromLogits: true,
  });
});

test("losses join by their mean and are better when smaller; the others add up and are not", () => {
  for (const name of ["mse", "cosine", "binaryCrossentropy"]) {
    expect([metricJoins(metric(name)), metricDirection(metric(name))]).toEqual(["mean", -1]);
  }
  for (const name of ["precision", "auc", "r2Score", "binaryAccuracy"]) {
    expect([metricJoins(metric(name)), metricDirection(metric(name))]).toEqual(["sum", 1]);
  }
});

test("as many numbers are computed as are said", () => {
  for (const given of [
    "mse",
    "binaryAccuracy",
    "recall",
    "r2Score",
    { name: "auc", thresholds: 9 },
  ]) {
    const builder = new GraphBuilder();
    const [output, labels] = ["output", "labels"].map((name) =>
      builder.persistent(name, "input", [8, 4]),
    ) as [number, number];
    const parts = metricParts(builder, metric(given), output, labels);
    expect(builder.shape(parts)).toEqual([metricWidth(metric(given))]);
  }
});

test("a figure is made of the joined numbers", () => {
  expect(metricValue(metric("mae"), [0.25])).toBe(0.25);
  expect(metricValue(metric("precision"), Float32Array.of(3, 1))).toBe(0.75);
  expect(metricValue(metric("precision"), [0, 0])).toBe(0);
  // Labels 1, 2, 3 with errors of 1, 0, 0.
  expect(metricValue(metric("r2Score"), [1, 6, 14, 3])).toBe(0.5);
});
