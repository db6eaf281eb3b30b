/** What labels a loss takes: their encoding, their shape, and the range in which they mean anything. */
import type { Shape } from "../types.js";
import type { LossName, NamedLoss } from "./names.js";
import { columnsOf } from "./rows.js";

/**
 * - `class-index`: the number of a class for each row of outputs.
 * - `one-hot`: a number for each class, one of them 1; soft ones and weighted ones too.
 * - `binary`: 0, 1 or between. `sign`: −1 or 1. `distribution`: shares. `number`: anything.
 */
export type LabelKind = "class-index" | "one-hot" | "binary" | "sign" | "distribution" | "number";

export interface LabelRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

const KINDS: Readonly<Partial<Record<LossName, LabelKind>>> = {
  sparseCategoricalCrossentropy: "class-index",
  categoricalCrossentropy: "one-hot",
  categoricalFocalCrossentropy: "one-hot",
  categoricalHinge: "one-hot",
  binaryCrossentropy: "binary",
  binaryFocalCrossentropy: "binary",
  hinge: "sign",
  squaredHinge: "sign",
  kullbackLeiblerDivergence: "distribution",
};

/** What the loss takes as labels, roughly. */
export function labelKind({ name }: NamedLoss): LabelKind {
  return KINDS[name] ?? "number";
}

const sameShape = (a: Shape, b: Shape) => `${a}` === `${b}`;

/**
 * True when labels of that row go with outputs of that row. Class indices drop the last axis or keep it
 * at 1; other labels have the output's shape, where a row of one number may be written [] or [1].
 */
export function labelShapeFits(loss: NamedLoss, outputRow: Shape, labelRow: Shape): boolean {
  if (labelKind(loss) === "class-index") {
    const row = outputRow.slice(0, -1);
    return sameShape(labelRow, row) || sameShape(labelRow, [...row, 1]);
  }
  const isOne = (shape: Shape) => shape.length === 0 || sameShape(shape, [1]);
  return sameShape(outputRow, labelRow) || (isOne(outputRow) && isOne(labelRow));
}

/**
 * The range, both ends included, outside of which a label makes the loss meaningless: a mask of 0 and 255
 * under binary cross-entropy trains without end. tfjs does not check. Soft and weighted labels are inside.
 * @returns undefined where any number means something
 */
export function labelRange(loss: NamedLoss, outputRow: Shape): LabelRange | undefined {
  const real = (min: number, max: number) => ({ min, max, whole: false });
  switch (loss.name) {
    case "sparseCategoricalCrossentropy":
      return { min: 0, max: columnsOf([1, ...outputRow]) - 1, whole: true };
    case "categoricalCrossentropy":
    case "categoricalFocalCrossentropy":
    case "kullbackLeiblerDivergence":
    case "poisson":
      return real(0, Number.POSITIVE_INFINITY);
    case "binaryCrossentropy":
    case "binaryFocalCrossentropy":
    case "categoricalHinge":
      return real(0, 1);
    case "hinge":
    case "squaredHinge":
      return real(-1, 1);
    default:
      return undefined;
  }
}
