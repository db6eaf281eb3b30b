/** Errors of tfjs, and of the user's own code, while it is traced. */
import { Tensor } from "@tensorflow/tfjs-core";
import { HoneError, isHoneError } from "../errors.js";
import type { Recorder } from "./recorder.js";

/**
 * Whatever tfjs or the user's code throws becomes an error that names the layer or function.
 * @param advice what to do, a sentence
 * @throws UnsupportedModel; Hone's own errors as they are
 */
export function callNamed<T>(recorder: Recorder, advice: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (isHoneError(cause)) throw cause;
    const message = (cause instanceof Error ? cause.message : `${cause}`)
      .replace(/\s+/g, " ")
      .trim();
    const end = /[.!?]$/.test(message) ? "" : ".";
    const what = `it fails when it is called: ${message}${end} ${chainedAdvice(message) ?? advice}`;
    throw new HoneError("UnsupportedModel", recorder.whereOf(cause), what, { cause });
  }
}

/**
 * What to do where code chains operations to tensors (`x.square()`), which tfjs-core alone has not: some of
 * tfjs-layers' own code does. Undefined where that is not what fails.
 */
function chainedAdvice(message: string): string | undefined {
  const [, name = ""] = /\.(\w+) is not a function/.exec(message) ?? [];
  const hasChained = "square" in Tensor.prototype;
  if (name === "" || hasChained || name in Tensor.prototype) return undefined;
  return (
    `If .${name}() is an operation of tfjs: chained to a tensor, it is there only where "@tensorflow/tfjs" is imported, or in ` +
    `a page "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops". Import one of them, or call tf.${name}(…).`
  );
}
