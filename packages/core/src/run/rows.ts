/** Accepts the forms in which people hold rows. */
import { sizeOf } from "../graph/geometry.js";
import type { Rows } from "./predict.js";

/** A tf.Tensor, structurally. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

/** @param inputShape of one row, for arrays that bring no shape */
export async function toRows(
  x: Float32Array | Rows | TensorLike,
  inputShape: readonly number[],
): Promise<Rows> {
  if (x instanceof Float32Array) {
    return { data: x, shape: [x.length / sizeOf(inputShape), ...inputShape] };
  }
  if (typeof x.data === "function") {
    return { data: Float32Array.from(await x.data()), shape: x.shape };
  }
  return x as Rows;
}
