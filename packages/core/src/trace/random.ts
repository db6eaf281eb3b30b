/**
 * Random numbers for the code of a user's own layers, losses and metrics. tf's own would be drawn once, while the
 * model is compiled; these are drawn by the device, anew in every step.
 *
 * The session's seed, the draw's place in the model and the step's number decide them. Steps of an evaluation are
 * numbered from 0, so that two evaluations differ by the weights alone; predictions are counted on.
 */
import {
  type Tensor,
  randomNormal as tfRandomNormal,
  randomUniform as tfRandomUniform,
} from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import type { Distribution } from "../graph/ops/training-mode.js";
import type { Shape } from "../graph/types.js";
import { draw } from "./draw.js";
import { currentRecorder, tensorFrom } from "./engine.js";
import type { Recorder } from "./recorder.js";

/**
 * Numbers from a normal distribution: a float32 tensor of `shape`. In a model that Hone compiles the device draws them
 * anew in each step, also in evaluations and predictions; elsewhere it is `tf.randomNormal`.
 * @param shape whole numbers from 1 on; the batch's extent, as in `x.shape`, may be among them
 * @throws BadArgument for a shape that is no list of numbers; UnsupportedModel while compiling, when an argument is
 * not as said
 */
export function randomNormal(shape: Shape, mean = 0, standardDeviation = 1): Tensor {
  checkList("randomNormal", shape);
  const recorder = currentRecorder();
  if (!recorder) return tfRandomNormal([...shape], mean, standardDeviation);
  return drawn(recorder, "normal", { shape, scale: standardDeviation, offset: mean });
}

/**
 * Numbers spread evenly from `minimum` to `maximum`, which is left out: a float32 tensor of `shape`. In a model that
 * Hone compiles the device draws them anew in each step, also in evaluations and predictions; elsewhere it is
 * `tf.randomUniform`.
 * @param shape whole numbers from 1 on; the batch's extent, as in `x.shape`, may be among them
 * @throws BadArgument for a shape that is no list of numbers; UnsupportedModel while compiling, when an argument is
 * not as said
 */
export function randomUniform(shape: Shape, minimum = 0, maximum = 1): Tensor {
  checkList("randomUniform", shape);
  const recorder = currentRecorder();
  if (!recorder) return tfRandomUniform([...shape], minimum, maximum);
  return drawn(recorder, "uniform", { shape, scale: maximum - minimum, offset: minimum });
}

function checkList(where: string, shape: Shape): void {
  if (Array.isArray(shape) && shape.every((extent) => typeof extent === "number")) return;
  const what = "its shape is no list of numbers. Give the extents: [batch, 8].";
  throw new HoneError("BadArgument", where, what);
}

interface Drawing {
  readonly shape: Shape;
  readonly scale: number;
  readonly offset: number;
}

/** The op's own numbers times `scale` plus `offset`, as a tensor of the trace. */
function drawn(
  recorder: Recorder,
  distribution: Distribution,
  { shape, scale, offset }: Drawing,
): Tensor {
  if (![...shape].every((extent) => Number.isInteger(extent) && extent >= 1)) {
    const what = `draws random numbers of shape [${shape}]`;
    recorder.refuse(`${what}. Give whole numbers from 1 on, as in the input's shape`);
  }
  if (![scale, offset].every(Number.isFinite)) {
    const what = "draws random numbers whose distribution is not given by finite numbers";
    recorder.refuse(`${what}. Draw standard ones, and scale them with tf.mul and tf.add`);
  }
  const { build } = recorder;
  let result = draw(recorder, distribution, shape);
  // Constants of their own, as tfjs's would be: they may change with the batch size.
  const number = (value: number) => build.constant(Float64Array.of(value), [], "float32");
  if (scale !== 1) result = build.elementwise("Multiply", [result, number(scale)]);
  if (offset !== 0) result = build.elementwise("Add", [result, number(offset)]);
  return tensorFrom(recorder.give(result)) as unknown as Tensor;
}
