/** Reductions, softmax, and the reshape that stands between layers. */
import { sizeOf } from "../../graph/geometry.js";
import type { Shape } from "../../graph/types.js";
import { axesOf, type Kernel, type Kernels } from "./kernel.js";

/** A shape with its one unknown extent, -1, worked out. */
function implied(shape: readonly number[], size: number): Shape {
  const known = shape.reduce((product, extent) => (extent < 0 ? product : product * extent), 1);
  return shape.map((extent) => (extent < 0 ? size / known : extent));
}

const reduction =
  (name: string, axisAttribute: string): Kernel =>
  ({ build, input, attributes }) => {
    const x = input("x");
    const axes = axesOf(attributes[axisAttribute], x.shape);
    return build.reduce(name, x, axes, attributes.keepDims === true);
  };

const softmax =
  (name: string): Kernel =>
  ({ build, input }) =>
    build.from(build.graph.op(name, [build.dense(build.float(input("logits")))]));

export const reductionKernels: Kernels = {
  Reshape: ({ build, input, attributes }) => {
    const x = input("x");
    return build.reshape(x, implied(attributes.shape as readonly number[], sizeOf(x.shape)));
  },
  Sum: reduction("Sum", "axis"),
  Max: reduction("Max", "reductionIndices"),
  Min: reduction("Min", "axis"),
  Mean: ({ build, input, attributes }) => {
    const x = input("x");
    return build.mean(x, axesOf(attributes.axis, x.shape), attributes.keepDims === true);
  },
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
};
