/** The columns of a batch under the names a data set would have for them. */
import type { BatchRows } from "./batch-rows.js";
import type { Column } from "./dataset.js";

export interface NamedColumns {
  readonly parts: readonly (readonly [string, Column])[];
  readonly labels: readonly string[];
  /** The column of weights, by label column. */
  readonly weights: Readonly<Record<string, string>>;
}

/** By port; `x` and `y` where there is one of each, unless the other side has a port of that name. */
export function flattenedNames({ inputs, labels, sampleWeights }: BatchRows): NamedColumns {
  const inputName = (name: string) => (inputs.size === 1 && !labels.has("x") ? "x" : name);
  const labelName = (name: string) => (labels.size === 1 && !inputs.has("y") ? "y" : name);
  const weightName = (name: string) => `weight of ${labelName(name)}`;
  const plain = { scale: 1, offset: 0 };
  return {
    parts: [
      ...[...inputs].map(
        ([name, { data, shape }]) => [inputName(name), { data, shape, ...plain }] as const,
      ),
      ...[...labels].map(([name, column]) => [labelName(name), column] as const),
      ...[...sampleWeights].map(
        ([name, data]) => [weightName(name), { data, shape: [], ...plain }] as const,
      ),
    ],
    labels: [...labels.keys()].map(labelName),
    weights: Object.fromEntries(
      [...sampleWeights.keys()].map((name) => [labelName(name), weightName(name)]),
    ),
  };
}
