/** tf.batchNorm, which comes apart into primitives. */
import { type Traced, withoutLeadingOnes } from "../traced.js";
import { type KernelCall, type Kernels, numberAttribute } from "./kernel.js";

/** (x − mean) · (scale / √(variance + ε)) + offset */
function batchNorm(call: KernelCall): Traced {
  const { build } = call;
  const whole = build.float(call.input("x"));
  // tfjs lifts every rank to 4; the axes it put in front are taken away again.
  const extra = whole.shape.length - withoutLeadingOnes(whole.shape).length;
  const lowered = (x: Traced) =>
    x.shape.length === whole.shape.length ? build.reshape(x, x.shape.slice(extra)) : x;
  const of = (name: string) => {
    const x = call.optional(name);
    return x && lowered(x);
  };
  const epsilon = build.scalar(numberAttribute(call, "varianceEpsilon", 0.001));
  const variance = lowered(call.input("variance"));
  let factor = build.unary("Rsqrt", build.elementwise("Add", [variance, epsilon]));
  const scale = of("scale");
  if (scale) factor = build.elementwise("Multiply", [factor, scale]);
  const centred = build.elementwise("Sub", [lowered(whole), lowered(call.input("mean"))]);
  let result = build.elementwise("Multiply", [centred, factor]);
  const offset = of("offset");
  if (offset) result = build.elementwise("Add", [result, offset]);
  return build.reshape(result, whole.shape);
}

export const batchNormKernels: Kernels = { FusedBatchNorm: batchNorm };
