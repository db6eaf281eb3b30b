/** Gradients where a function has none, or tfjs's is not the slope: what Hone does there, beside stock tfjs. */
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import type { Device } from "@hone/core/backend";
import type { GraphBuilder } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { computed } from "./test/small-graph.js";

let reference: Device;
beforeAll(async () => {
  await tf.ready();
  reference = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => reference.close());

interface Kink {
  readonly title: string;
  readonly at: readonly number[];
  readonly ours: (builder: GraphBuilder, x: number) => number;
  readonly tfjs: (x: tf.Tensor) => tf.Tensor;
  /** Of the sum of the results. */
  readonly slopes: readonly number[];
}

const zero = (b: GraphBuilder) => b.constant(new Float64Array(3), [3]);
const max = { axes: [0], keepDims: true };

const KINKS: readonly Kink[] = [
  {
    title: "|x| has the slope -1 at 0",
    at: [-2, 0, 2],
    ours: (b, x) => b.op("Abs", [x]),
    tfjs: (x) => tf.abs(x),
    slopes: [-1, -1, 1],
  },
  {
    title: "a cast to whole numbers passes its gradient on",
    at: [-1.5, 0, 2.7],
    ours: (b, x) =>
      b.op("Multiply", [
        b.op("Cast", [b.op("Cast", [x], { dtype: "int32" })], { dtype: "float32" }),
        b.scalar(3),
      ]),
    tfjs: (x) => tf.mul(tf.cast(tf.cast(x, "int32"), "float32"), 3),
    slopes: [3, 3, 3],
  },
  {
    title: "relu has the slope 0 at 0",
    at: [-1, 0, 1],
    ours: (b, x) => b.op("Relu", [x]),
    tfjs: (x) => tf.relu(x),
    slopes: [0, 0, 1],
  },
  {
    title: "relu6 has the slope 1 at 6",
    at: [0, 6, 7],
    ours: (b, x) => b.op("Relu6", [x]),
    tfjs: (x) => tf.relu6(x),
    slopes: [0, 1, 0],
  },
  {
    title: "elu has the slope 1 at 0",
    at: [0, 0, 1],
    ours: (b, x) => b.op("Elu", [x]),
    tfjs: (x) => tf.elu(x),
    slopes: [1, 1, 1],
  },
  {
    title: "leaky relu has the lower slope at 0",
    at: [-1, 0, 1],
    ours: (b, x) => b.op("LeakyRelu", [x], { alpha: 0.25 }),
    tfjs: (x) => tf.leakyRelu(x, 0.25),
    slopes: [0.25, 0.25, 1],
  },
  {
    title: "a clip passes its gradient on at both bounds",
    at: [0, 1, 1.5],
    ours: (b, x) => b.op("ClipByValue", [x], { clipValueMin: 0, clipValueMax: 1 }),
    tfjs: (x) => tf.clipByValue(x, 0, 1),
    slopes: [1, 1, 0],
  },
  {
    title: "a clip stops an infinite gradient",
    at: [-1, 0.5, 1],
    ours: (b, x) => b.op("Log", [b.op("ClipByValue", [x], { clipValueMin: 0, clipValueMax: 1 })]),
    tfjs: (x) => tf.log(tf.clipByValue(x, 0, 1)),
    slopes: [0, 2, 1],
  },
  {
    title: "of two equal ones the left takes a maximum's gradient",
    at: [-1, 0, 1],
    ours: (b, x) => b.op("Maximum", [x, zero(b)]),
    tfjs: (x) => tf.maximum(x, [0, 0, 0]),
    slopes: [0, 1, 1],
  },
  {
    title: "of two equal ones the right takes none of it",
    at: [-1, 0, 1],
    ours: (b, x) => b.op("Maximum", [zero(b), x]),
    tfjs: (x) => tf.maximum([0, 0, 0], x),
    slopes: [0, 0, 1],
  },
  {
    title: "of two equal ones the left takes a minimum's gradient",
    at: [-1, 0, 1],
    ours: (b, x) => b.op("Minimum", [x, zero(b)]),
    tfjs: (x) => tf.minimum(x, [0, 0, 0]),
    slopes: [1, 1, 0],
  },
  {
    title: "all that equal the maximum of an axis take its gradient in full",
    at: [2, 1, 2],
    ours: (b, x) => b.op("Max", [x], max),
    tfjs: (x) => tf.max(x, 0, true),
    slopes: [1, 0, 1],
  },
];

test.each(KINKS)("$title, as in tfjs", async ({ at, ours, tfjs, slopes }) => {
  const values = Float32Array.from(at);
  const { gradient, shape } = await computed(reference, [{ shape: [3], values }], (builder, ids) =>
    ours(builder, ids[0] as number),
  );
  // The small graph's gradient is that of the mean.
  expect(Array.from(gradient, (slope) => slope * (shape[0] as number))).toEqual(slopes);
  const stock = tf.tidy(() =>
    tf
      .grad((x) => tf.sum(tfjs(x)))(tf.tensor1d(values))
      .dataSync(),
  );
  expect(Array.from(stock)).toEqual(slopes);
});

test.each([1e-25, 1e25])(
  "a quotient has its slope where tfjs squares %f beyond float32",
  async (size) => {
    const values = Float32Array.of(size);
    const quotient = (x: number) => size / x;
    const { gradient } = await computed(reference, [{ shape: [1], values }], (builder, [x]) =>
      builder.op("RealDiv", [builder.scalar(size), x as number]),
    );
    const step = 1e-4;
    const rise = quotient(size * (1 + step)) - quotient(size * (1 - step));
    expect((gradient[0] as number) / (rise / (2 * step * size))).toBeCloseTo(1, 6);
    const stock = tf.tidy(() =>
      tf
        .grad((x) => tf.div(size, x))(tf.tensor1d(values))
        .dataSync(),
    );
    expect(Math.abs(stock[0] as number)).toBe(size < 1 ? Number.POSITIVE_INFINITY : 0);
  },
);

test("a comparison has no gradient, where tfjs's autodiff throws", async () => {
  const values = Float32Array.of(-1, 0, 1);
  const { gradient } = await computed(reference, [{ shape: [3], values }], (builder, [x]) => {
    const above = builder.op("Greater", [x as number, builder.scalar(0)]);
    return builder.op("Multiply", [above, x as number]);
  });
  expect(Array.from(gradient, (slope) => 3 * slope)).toEqual([0, 0, 1]);
  const product = (x: tf.Tensor) => tf.sum(tf.mul(tf.cast(tf.greater(x, 0), "float32"), x));
  expect(() => tf.grad(product)(tf.tensor1d(values))).toThrow(/gradient/);
});
