/** Draws of classes by their odds, for policies and texts: a composite of what `random.ts` draws and tfjs's own kernels. */
import {
  cast,
  cumsum,
  expandDims,
  lessEqual,
  mul,
  reshape,
  slice,
  softmax,
  sum,
  type Tensor,
  multinomial as tfMultinomial,
  tidy,
} from "@tensorflow/tfjs-core";
import { HoneError } from "../errors.js";
import { currentRecorder } from "./engine.js";
import { randomUniform } from "./random.js";

/** A uniform number is at most 1 − 2⁻²⁴; times this, no rounding brings it to 1. */
const BELOW_ONE = 1 - 2 ** -23;

/**
 * Classes drawn by their odds, as `tf.multinomial`: an int32 tensor [batch, samples] ([samples] for logits [classes]). In a
 * model or a program that Hone compiles the device draws them anew in each step; elsewhere it is `tf.multinomial`. No
 * gradient flows through a draw.
 * @param logits logarithms of odds [batch, classes] or [classes], two classes or more; −∞ is never drawn
 * @param samples how many to draw for each row
 * @param normalized true where `logits` are probabilities instead, which sum to 1
 * @throws BadArgument for logits of another rank or less than two classes, a number of samples that is none, and a seed in
 * the place of `normalized`
 */
export function multinomial(logits: Tensor, samples: number, normalized = false): Tensor {
  check(logits, samples, normalized);
  if (!currentRecorder()) return tfMultinomial(logits as never, samples, undefined, normalized);
  return tidy(() => {
    const classes = logits.shape.at(-1) as number;
    const rows = reshape(logits, [-1, classes]);
    const odds = normalized ? rows : softmax(rows);
    const upTo = cumsum(odds, 1);
    const [batch] = rows.shape as [number, number];
    const total = slice(upTo, [0, classes - 1], [batch, 1]);
    const at = mul(randomUniform([batch, samples]), mul(total, BELOW_ONE));
    // The first class whose odds and those before it exceed the number drawn.
    const passed = lessEqual(expandDims(upTo, 1), expandDims(at, 2));
    const drawn = cast(sum(cast(passed, "float32"), -1), "int32");
    return logits.rank === 1 ? reshape(drawn, [samples]) : drawn;
  });
}

function check(logits: Tensor, samples: number, normalized: unknown): void {
  const refuse = (what: string) => {
    throw new HoneError("BadArgument", "multinomial", what);
  };
  const { rank, shape } = logits;
  if ((rank !== 1 && rank !== 2) || (shape.at(-1) as number) < 2) {
    refuse(
      `its logits are of shape [${shape}]. Give [batch, classes] or [classes], two classes or more.`,
    );
  }
  if (!Number.isInteger(samples) || samples < 1) {
    refuse(`it was asked for ${samples} samples. Give a whole number from 1 on.`);
  }
  if (typeof normalized !== "boolean") {
    refuse(
      `its third argument is ${normalized}. Give true for probabilities; a seed, as tf.multinomial takes, is the session's own.`,
    );
  }
}
