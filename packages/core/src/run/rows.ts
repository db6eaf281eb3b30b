/** Accepts the forms in which people hold rows. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { Rows } from "./predict.js";

/** A tf.Tensor, structurally. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly isDisposed?: boolean;
  data(): Promise<ArrayLike<number>>;
}

/**
 * @param inputShape of one row, for arrays that bring no shape
 * @throws BadArgument for anything else than the three forms
 */
export async function toRows(
  x: Float32Array | Rows | TensorLike,
  inputShape: readonly number[],
): Promise<Rows> {
  if (x instanceof Float32Array) {
    return { data: x, shape: [x.length / sizeOf(inputShape), ...inputShape] };
  }
  if (typeof x?.data === "function") {
    return { data: Float32Array.from(await valuesOf(x as TensorLike)), shape: x.shape };
  }
  if (x?.data instanceof Float32Array && Array.isArray(x.shape)) return x as Rows;
  throw new HoneError(
    "BadArgument",
    "predict",
    "the rows are in no form it takes. Give a Float32Array, a tf.Tensor, or { data: Float32Array, shape }.",
  );
}

async function valuesOf(tensor: TensorLike): Promise<ArrayLike<number>> {
  if (tensor.isDisposed !== true) return tensor.data();
  const what = `the tensor [${tensor.shape}] was disposed. Dispose it after the prediction.`;
  throw new HoneError("BadArgument", "predict", what);
}
