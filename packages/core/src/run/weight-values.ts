/** Values of a model's weights as callers hold them. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { WeightInfo } from "../graph/template.js";

/** The values of one weight. */
export interface Weight {
  /** As the model names it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

/** Arrays have `values` too: a method. */
export const isWeight = (given: ArrayLike<number> | Weight): given is Weight =>
  ArrayBuffer.isView((given as Partial<Weight> | undefined | null)?.values);

/** Values as the device takes them, one array for each weight. @throws ShapeMismatch, naming the weight */
export function fittingValues(
  weights: readonly WeightInfo[],
  values: readonly ArrayLike<number>[],
): Float32Array[] {
  if (values.length !== weights.length) {
    const what = `${values.length} arrays were given, the model has ${weights.length} weights. Give one for each.`;
    throw new HoneError("ShapeMismatch", "setWeights", what);
  }
  return weights.map(({ label, shape }, index) => {
    const array = values[index] as ArrayLike<number>;
    if (array?.length !== sizeOf(shape)) {
      const what = `weight "${label}" is [${shape}], ${array?.length ?? "no"} values were given. Give ${sizeOf(shape)}.`;
      throw new HoneError("ShapeMismatch", "setWeights", what);
    }
    return Float32Array.from(array);
  });
}
