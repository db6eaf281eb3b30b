import type { GraphBuilder } from "../builder.js";
import { exampleLosses, LOSS_NAMES as NAMES } from "../loss.js";
import type { Shape } from "../types.js";
export type LossName = (typeof NAMES)[number] | "meanSquaredLogarithmicError";
export interface NamedLoss {
  readonly name: LossName;
  readonly [option: string]: number | boolean | string;
}
export const LOSS_NAMES: readonly LossName[] = NAMES;
export function lossOf(given: unknown): NamedLoss | undefined {
  const name = typeof given === "string" ? given : (given as NamedLoss | undefined)?.name;
  return NAMES.includes(name as never) ? { name: name as LossName } : undefined;
}
export function lossTensor(
  builder: GraphBuilder,
  loss: NamedLoss,
  output: number,
  labels: number,
): number {
  return exampleLosses(builder, loss.name as never, output, labels);
}
export type LabelKind = "class-index" | "one-hot" | "binary" | "number";
export function labelKind(loss: NamedLoss): LabelKind {
  return loss.name === "sparseCategoricalCrossentropy"
    ? "class-index"
    : loss.name === "categoricalCrossentropy"
      ? "one-hot"
      : loss.name === "binaryCrossentropy"
        ? "binary"
        : "number";
}
export function labelShapeFits(_loss: NamedLoss, _output: Shape, _labels: Shape): boolean {
  return true;
}
export function labelRange(
  _loss: NamedLoss,
  _output: Shape,
): { readonly min: number; readonly max: number; readonly whole: boolean } | undefined {
  return undefined;
}
