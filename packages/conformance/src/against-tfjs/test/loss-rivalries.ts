/** A small network before each loss of tfjs. */
import { LOSS_NAMES, type LossName, labelKind, lossOf, type NamedLoss } from "@hone/core/internals";
import { train } from "@tensorflow/tfjs-core";
import type { Rivalry } from "./harness.js";
import { type Activation, featureRows, labelRows, smallNetwork } from "./models.js";

/** The names in tfjs's `lossesMap`. */
export const TFJS_LOSSES: readonly LossName[] = LOSS_NAMES.slice(0, 14);
const ROWS = 40;
const UNITS = 3;

/** What usually ends a model with this loss. */
export function matching(name: LossName): Activation {
  switch (labelKind(lossOf(name) as NamedLoss)) {
    case "class-index":
    case "one-hot":
    case "distribution":
      return name === "categoricalHinge" ? "linear" : "softmax";
    case "binary":
      return "sigmoid";
    case "sign":
      return "tanh";
    case "number":
      return name === "poisson" ? "softplus" : "linear";
  }
}

/** One that no loss was made for, and that every loss takes. */
export const OTHER: Activation = "relu";

/** Percentages are a hundred times as large. */
const rateOf = (names: readonly LossName[]) =>
  names.includes("meanAbsolutePercentageError") ? 1e-3 : 0.05;

/** An output for each of the losses, behind the activation given with it. */
export function lossRivalry(...judged: readonly (readonly [LossName, Activation])[]): Rivalry {
  const names = judged.map(([loss]) => loss);
  const outputs = judged.map(([loss, activation], at) => ({
    name: `output${at}`,
    loss,
    layer: { units: UNITS + at, activation },
    labels: labelRows(loss, ROWS, UNITS + at, 31 + at),
  }));
  const byName = <T>(of: (output: (typeof outputs)[number]) => T) =>
    Object.fromEntries(outputs.map((output) => [output.name, of(output)]));
  return {
    model: smallNetwork(byName(({ layer }) => layer)),
    rows: ROWS,
    x: featureRows(ROWS),
    y: byName(({ labels }) => labels),
    tfjs: { optimizer: train.sgd(rateOf(names)), loss: byName(({ loss }) => loss) },
    hone: { metrics: [] },
  };
}
