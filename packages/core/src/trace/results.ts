/** What a trace gives, as tensors of its graph. */
import { sizeOf } from "../graph/geometry.js";
import type { Recorder } from "./recorder.js";
import type { TensorLike } from "./tfjs-types.js";

/** The result of a node: weights, inputs and constants are copied. */
export function computed(recorder: Recorder, id: number): number {
  const scratch = recorder.graph.tensor(id).role === "scratch";
  return scratch ? id : recorder.graph.op("Identity", [id]);
}

export function scalarOf(recorder: Recorder, tensor: TensorLike): number {
  if (sizeOf(tensor.shape) !== 1) {
    recorder.refuse(`adds a penalty of shape [${tensor.shape}]. Give one number, as with tf.sum`);
  }
  return recorder.build.dense(recorder.build.reshape(recorder.resolve(tensor), []));
}
