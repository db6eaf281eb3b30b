import { expect, test } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { opNames } from "../graph/ops/index.js";
import { holdEverything } from "./everything.js";
import { fitToTarget } from "./fuse.js";

holdEverything();

const window = { strides: [1, 1], padding: [1, 1, 1, 1], dilations: [1, 1] };
/** Chains stay as they are here. */
const names = opNames().filter((op) => op !== "Map");
const without = (pattern: RegExp) => names.filter((op) => !pattern.test(op));

/** A convolution with a bias and an activation, as nodes that a plan makes of it. */
function planned(op: string, filter: readonly number[], activation: string, ops = names) {
  const builder = new GraphBuilder();
  const named = (name: string, shape: readonly number[]) =>
    builder.persistent(name, "input", shape);
  const [x, weights, bias] = [named("x", [2, 5, 5, 4]), named("w", filter), named("b", [4])];
  const sum = builder.op("Add", [builder.op(op, [x, weights], window), bias]);
  const y = builder.op(activation, [sum]);
  builder.opInto("Identity", [y], builder.persistent("y", "metric", builder.shape(y)));
  return fitToTarget(builder.build(), ops).nodes.filter(
    ({ op: made }) => !/^(Identity|Reshape)$/.test(made),
  );
}

test.each([
  ["Relu", "relu"],
  ["Relu6", "relu6"],
])("a depthwise convolution takes bias and %s with it", (op, activation) => {
  const nodes = planned("DepthwiseConv2dNative", [3, 3, 4, 1], op);
  expect(nodes.map((node) => node.op)).toEqual(["FusedDepthwiseConv2D"]);
  expect(nodes[0]?.attributes).toEqual({ ...window, activation });
});

test("an activation that the fused op does not know stays behind it", () => {
  const depthwise = planned("DepthwiseConv2dNative", [3, 3, 4, 1], "Tanh");
  expect(depthwise.map((node) => node.op)).toEqual(["FusedDepthwiseConv2D", "Tanh"]);
  expect(depthwise[0]?.attributes.activation).toBe("linear");
  const full = planned("Conv2D", [3, 3, 4, 4], "Relu6");
  expect(full.map((node) => node.op)).toEqual(["FusedConv2D", "Relu6"]);
});

test("where the device has no depthwise convolutions it is a full one, fused as such", () => {
  const nodes = planned("DepthwiseConv2dNative", [3, 3, 4, 1], "Relu", without(/Depthwise/));
  expect(nodes.map((node) => node.op)).toEqual(["Multiply", "FusedConv2D"]);
  const flat = planned("DepthwiseConv2dNative", [3, 3, 4, 1], "Relu", without(/Depthwise|Fused/));
  expect(flat.map((node) => node.op)).toEqual(["Multiply", "Conv2D", "Add", "Relu"]);
});
