import { expect, test } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { gradients } from "../graph/gradient.js";
import { opNames } from "../graph/ops/index.js";
import type { Graph, Shape } from "../graph/types.js";
import { holdEverything } from "./everything.js";
import { fitToTarget } from "./fuse.js";
import { opsIn, pooledLayer } from "./test/pooled-layer.js";

holdEverything();

/** Chains stay as they are here. */
const names = opNames().filter((name) => name !== "Map");
const without = (...lacking: string[]) => names.filter((name) => !lacking.includes(name));
const POOLED = "FusedConv2DMaxPool";

interface Product {
  readonly op?: string;
  readonly alpha?: number;
  readonly x?: Shape;
  readonly dy?: Shape;
  readonly stepFirst?: boolean;
  readonly named?: boolean;
  readonly readTwice?: boolean;
}

/** dy · Step(x, alpha) */
function product(options: Product): Graph {
  const { op = "Multiply", alpha = 0, x = [4, 6], dy = [4, 6], stepFirst = false } = options;
  const builder = new GraphBuilder();
  const [left, right] = [
    builder.persistent("x", "input", x),
    builder.persistent("dy", "input", dy),
  ];
  const step = builder.op("Step", [left], { alpha });
  if (options.named) builder.retype(step, "metric", "mask");
  const inputs = stepFirst ? [step, right] : [right, step];
  const result = builder.op(op, inputs);
  builder.opInto("Identity", [result], builder.persistent("dx", "metric", builder.shape(result)));
  if (options.readTwice) {
    builder.opInto("Identity", [step], builder.persistent("copy", "metric", x));
  }
  return builder.build();
}

test("a product with a step becomes one node, whichever side the step stands on", () => {
  for (const stepFirst of [true, false]) {
    for (const alpha of [0, 0.25]) {
      const graph = fitToTarget(product({ stepFirst, alpha }), names);
      expect(opsIn(graph)).toEqual(["MultiplyByStep", "Identity"]);
      const [{ inputs, attributes }] = graph.nodes as [Graph["nodes"][number]];
      expect(inputs.map((id) => graph.tensors[id]?.name)).toEqual(["x", "dy"]);
      expect(attributes).toEqual({ alpha });
    }
  }
});

test.each<[string, Product]>([
  ["is no product", { op: "Sub" }],
  ["broadcasts the step", { x: [1, 6] }],
  ["broadcasts the gradient", { dy: [6] }],
  ["leaves the step a name", { named: true }],
  ["is not the step's only reader", { readTwice: true }],
])("a step stays a node of its own where its reader %s", (_, options) => {
  const graph = product(options);
  expect(opsIn(fitToTarget(graph, names))).toEqual(opsIn(graph));
});

test("a step that is multiplied by itself stays", () => {
  const builder = new GraphBuilder();
  const step = builder.op("Step", [builder.persistent("x", "input", [5])], { alpha: 0 });
  builder.opInto("Multiply", [step, step], builder.persistent("square", "metric", [5]));
  const graph = builder.build();
  expect(opsIn(fitToTarget(graph, names))).toEqual(["Step", "Multiply"]);
});

test("the gradient through relu and pool becomes one node where winners are not followed", () => {
  const graph = fitToTarget(
    pooledLayer({ activation: "Relu", trained: ["x", "filter", "bias"] }),
    without(POOLED),
  );
  expect(opsIn(graph)).toEqual([
    ...["FusedConv2D", "MaxPool", "MaxPoolGradByStep", "Sum", "Reshape"],
    ...["Conv2DBackpropInput", "Conv2DBackpropFilter", "Identity"],
  ]);
  const [convolution, pool, gradient] = graph.nodes as [
    Graph["nodes"][number],
    Graph["nodes"][number],
    Graph["nodes"][number],
  ];
  const dy = graph.tensors.find(({ name }) => name === "dy")?.id;
  expect(gradient.inputs).toEqual([dy, convolution.outputs[0], pool.outputs[0]]);
  expect(gradient.attributes).toEqual({
    filterSize: [2, 2],
    strides: [2, 2],
    padding: [0, 0, 0, 0],
    alpha: 0,
  });
});

test("so it does where the filter is frozen, and behind a leaky relu, whose slope it keeps", () => {
  const frozen = fitToTarget(pooledLayer({ activation: "Relu", trained: ["x"] }), names);
  expect(opsIn(frozen)).toEqual([
    "FusedConv2D",
    "MaxPool",
    "MaxPoolGradByStep",
    "Conv2DBackpropInput",
  ]);
  const leaky = fitToTarget(pooledLayer({ activation: "LeakyRelu", trained: ["filter"] }), names);
  // The slope is asked of the leaky relu's input, which the pool does not read.
  expect(opsIn(leaky)).toEqual(expect.arrayContaining(["MaxPoolGrad", "MultiplyByStep"]));
});

test.each([
  ["of 3 by 3", { filterSize: [3, 3], strides: [3, 3], padding: [0, 0, 0, 0] }],
  ["that overlaps", { filterSize: [2, 2], strides: [1, 1], padding: [0, 0, 0, 0] }],
  ["that is padded", { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 1, 0] }],
])("a pool %s keeps its gradient apart from relu's", (_, pool) => {
  const graph = fitToTarget(pooledLayer({ activation: "Relu", trained: ["filter"], pool }), names);
  expect(opsIn(graph)).toEqual(expect.arrayContaining(["MaxPoolGrad", "MultiplyByStep"]));
  expect(opsIn(graph)).not.toContain("MaxPoolGradByStep");
});

/** Relu or another function, dropout, and a pool where asked; with the gradient for x. */
function droppedOut(activation: string, pool = false): Graph {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [2, 4, 4, 3]);
  const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
  const active = builder.op(activation, [x], { alpha: 0.25 });
  const kept = builder.op("Dropout", [active, seed], { rate: 0.5, ordinal: 3 });
  const pairs = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };
  const last = pool ? builder.op("MaxPool", [kept], pairs) : kept;
  const dy = builder.persistent("dy", "input", builder.shape(last));
  const dx = gradients(builder, new Map([[last, dy]]), [x]).get(x) as number;
  builder.opInto("Identity", [last], builder.persistent("y", "metric", builder.shape(last)));
  builder.opInto("Identity", [dx], builder.persistent("dx", "metric", builder.shape(dx)));
  return builder.build();
}

test("behind relu a dropout's gradient goes where its result is not zero, and draws no mask", () => {
  const graph = fitToTarget(droppedOut("Relu"), names);
  expect(opsIn(graph)).toEqual(["Relu", "Dropout", "MultiplyByStep", "Identity", "Identity"]);
  const [, dropout, gradient] = graph.nodes;
  expect(gradient?.inputs[0]).toBe(dropout?.outputs[0]);
  expect(gradient?.attributes).toEqual({ alpha: 0, scale: 2 });
});

test.each(["LeakyRelu", "Tanh"])("behind %s a dropout's gradient draws the mask again", (name) => {
  const ops = opsIn(fitToTarget(droppedOut(name), names));
  expect(ops.filter((op) => op === "Dropout")).toHaveLength(2);
});

test("a gradient that dropout scales stays apart from the pool's behind it", () => {
  const graph = fitToTarget(droppedOut("Relu", true), names);
  expect(opsIn(graph).slice(0, 5)).toEqual([
    ...["Relu", "Dropout", "MaxPool", "MaxPoolGrad", "MultiplyByStep"],
  ]);
});

test("what a target lacks is not made", () => {
  const graph = pooledLayer({ activation: "Relu", trained: ["filter"] });
  const neither = opsIn(fitToTarget(graph, without(POOLED, "MultiplyByStep")));
  expect(neither).toEqual(expect.arrayContaining(["Step", "MaxPoolGrad", "Multiply"]));
  expect(neither.join()).not.toContain("ByStep");
  const one = opsIn(fitToTarget(graph, without(POOLED, "MaxPoolGradByStep")));
  expect(one).toEqual(expect.arrayContaining(["MaxPoolGrad", "MultiplyByStep"]));
  expect(one).not.toContain("MaxPoolGradByStep");
});

test("the two nodes expand to what they stand for", () => {
  const builder = new GraphBuilder();
  const [dy, x, y] = [
    builder.persistent("dy", "input", [1, 2, 2, 3]),
    builder.persistent("x", "input", [1, 4, 4, 3]),
    builder.persistent("y", "input", [1, 2, 2, 3]),
  ];
  const pool = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };
  const dx = builder.op("MaxPoolGradByStep", [dy, x, y], { ...pool, alpha: 0 });
  const product = builder.op("MultiplyByStep", [x, dx], { alpha: 0.5 });
  builder.opInto("Identity", [product], builder.persistent("product", "metric", [1, 4, 4, 3]));
  const ops = without("MultiplyByStep", "MaxPoolGradByStep");
  const { nodes } = fitToTarget(builder.build(), ops);
  expect(nodes.map(({ op }) => op)).toEqual([
    "MaxPoolGrad",
    "Step",
    "Multiply",
    "Step",
    "Multiply",
    "Identity",
  ]);
  expect(nodes.filter(({ op }) => op === "Step").map(({ attributes }) => attributes.alpha)).toEqual(
    [0, 0.5],
  );
});
