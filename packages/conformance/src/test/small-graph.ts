/** A few nodes on a device, from inputs to results: values, and the gradient of their mean. */
import type { Device, TypedArray } from "@hone/core/backend";
import { GraphBuilder, gradients, planEntry, sizeOf } from "@hone/core/internals";

export interface SmallInput {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array;
}

export interface Answer {
  readonly values: TypedArray;
  readonly shape: readonly number[];
  /** Of the mean of the values for the first input; zeros where it has no influence. */
  readonly gradient: TypedArray;
}

/** Computes what `build` makes of the inputs. @param wanted false where nothing has a gradient */
export async function computed(
  device: Device,
  inputs: readonly SmallInput[],
  build: (builder: GraphBuilder, ids: readonly number[]) => number,
  wanted = true,
): Promise<Answer> {
  const builder = new GraphBuilder();
  const ids = inputs.map(({ shape, values }, at) =>
    builder.persistent(`input${at}`, "input", shape, {
      dtype: values instanceof Int32Array ? "int32" : "float32",
    }),
  );
  const result = build(builder, ids);
  const shape = builder.shape(result);
  const count = sizeOf(shape);
  builder.opInto("Identity", [result], builder.persistent("values", "metric", shape));
  const seed = builder.constant(new Float64Array(count).fill(1 / count), shape);
  const [first] = ids as [number];
  const found = wanted
    ? gradients(builder, new Map([[result, seed]]), [first]).get(first)
    : undefined;
  if (found !== undefined) {
    const slope = builder.persistent("gradient", "metric", builder.shape(first));
    builder.opInto("Identity", [found], slope);
  }
  const entry = planEntry("small", builder.build(), device.target);
  const executable = await device.load({ entries: [entry] });
  try {
    for (const [at, { values }] of inputs.entries()) {
      if (entry.buffers[`input${at}`]) executable.write(`input${at}`, values);
    }
    executable.run("small", { first: 0, steps: 1 });
    const names = found === undefined ? ["values"] : ["values", "gradient"];
    const [values, gradient] = await executable.read(names);
    return {
      values: values as TypedArray,
      shape,
      gradient: gradient ?? new Float64Array(sizeOf(builder.shape(first))),
    };
  } finally {
    executable.dispose();
  }
}
