/** Code that needs more of tfjs than is imported. */
import { Tensor } from "@tensorflow/tfjs-core";

/**
 * What to do where code chains operations to tensors (`x.square()`), which tfjs-core alone has not: some of
 * tfjs-layers' own code does. Undefined where that is not what fails.
 */
export function adviceFor(message: string): string | undefined {
  const [, name = ""] = /\.(\w+) is not a function/.exec(message) ?? [];
  const hasChained = "square" in Tensor.prototype;
  if (name === "" || hasChained || name in Tensor.prototype) return undefined;
  return (
    `If .${name}() is an operation of tfjs: chained to a tensor, it is there only where "@tensorflow/tfjs" is imported, or in ` +
    `a page "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops". Import one of them, or call tf.${name}(…).`
  );
}
