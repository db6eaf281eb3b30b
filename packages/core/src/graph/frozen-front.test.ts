import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { frozenFront } from "./frozen-front.js";
import { holdAllOps } from "./ops/all.js";
import type { ModelGraph, TracedModel } from "./template.js";

holdAllOps();

const WIDTH = 4;

interface Parts {
  /** Which of three products learn. */
  readonly learns?: readonly [boolean, boolean, boolean];
  /** What stands between the first two products. */
  readonly between?: (builder: GraphBuilder, x: number, training: boolean) => number;
  /** The input is added to the last product's. */
  readonly passes?: boolean;
}

/** Three products one behind another. */
function traced({ learns = [false, false, true], between, passes = false }: Parts): TracedModel {
  const at = (rows: number, training: boolean): ModelGraph => {
    const builder = new GraphBuilder();
    const weights = learns.map((trainable, index) =>
      builder.persistent(`parameter:${index}`, "parameter", [WIDTH, WIDTH], { trainable }),
    );
    const input = builder.persistent("input", "input", [rows, WIDTH]);
    let x = input;
    for (const [index, weight] of weights.entries()) {
      builder.label = `layer ${index}`;
      if (index === 2 && passes) x = builder.op("Add", [x, input]);
      x = builder.op("BatchMatMul", [x, weight], { transposeA: false, transposeB: false });
      if (index === 0 && between) x = between(builder, x, training);
    }
    const ports = {
      inputs: [{ name: "input", tensor: input }],
      outputs: [{ name: "output", tensor: x }],
    };
    return { graph: builder.build(), ...ports, penalties: [], labels: [], functions: [] };
  };
  const template = (training: boolean) => ({ two: at(2, training), three: at(3, training) });
  return {
    training: template(true),
    inference: template(false),
    weights: learns.map((trainable, index) => ({
      name: `parameter:${index}`,
      label: `weight ${index}`,
      shape: [WIDTH, WIDTH],
      role: "parameter",
      trainable,
    })),
    inputs: [{ name: "input", shape: [WIDTH], dtype: "float32" }],
    outputs: [{ name: "output", shape: [WIDTH], dtype: "float32" }],
    warnings: [],
  };
}

const opsOf = ({ graph }: ModelGraph) => graph.nodes.map(({ op, label }) => `${op} ${label}`);

test("the cut is below the first weight that learns, and each part has its own nodes and all weights", () => {
  const found = frozenFront(traced({}));
  expect(found?.layers).toEqual(["layer 0", "layer 1"]);
  expect(found?.nodes).toBe(2);
  const { front, rest } = found as NonNullable<typeof found>;
  for (const model of [front.inference.two, front.inference.three]) {
    expect(opsOf(model)).toEqual(["BatchMatMul layer 0", "BatchMatMul layer 1"]);
  }
  for (const model of [rest.training.three, rest.inference.two]) {
    expect(opsOf(model)).toEqual(["BatchMatMul layer 2"]);
    expect(model.inputs.map(({ name }) => name)).toEqual(["front:0"]);
    const named = model.graph.tensors.flatMap(({ name }) => name ?? []);
    // What nobody reads has no name any more, and so no memory.
    expect(named).toEqual(["parameter:0", "parameter:1", "parameter:2"]);
  }
  expect(front.outputs).toEqual([{ name: "front:0", shape: [WIDTH], dtype: "float32" }]);
  expect(rest.inputs).toEqual(front.outputs);
});

test("an input that is read behind the front too goes into both parts", () => {
  const found = frozenFront(traced({ passes: true }));
  const { front, rest } = found as NonNullable<typeof found>;
  expect(front.outputs.map(({ name }) => name)).toEqual(["front:0"]);
  expect(rest.inputs.map(({ name }) => name)).toEqual(["front:0"]);
  // The sum learns nothing, and stands in the front with what it adds.
  expect(opsOf(front.inference.two)).toContain("Add layer 2");
  const late = frozenFront(traced({ learns: [false, true, true], passes: true }));
  expect(late?.rest.inputs.map(({ name }) => name)).toEqual(["front:0", "input"]);
});

test("there is no front where the first layer learns, or none does that has weights", () => {
  expect(frozenFront(traced({ learns: [true, false, false] }))).toBeUndefined();
});

test.each([
  [
    "rows that see each other",
    (builder: GraphBuilder, x: number) =>
      builder.op("Sub", [x, builder.op("Sum", [x], { axes: [0], keepDims: true })]),
  ],
  [
    "what is drawn anew in each step",
    (builder: GraphBuilder, x: number) => {
      const seed = builder.persistent("seed", "state", [1], { dtype: "int32" });
      return builder.op("Dropout", [x, seed], { rate: 0.5, ordinal: 0 });
    },
  ],
])("the cut is below %s", (_, between) => {
  expect(frozenFront(traced({ between }))?.layers).toEqual(["layer 0"]);
});

test("what training and inference compute otherwise is not in the front", () => {
  const between = (builder: GraphBuilder, x: number, training: boolean) =>
    training ? builder.op("Relu", [x]) : builder.op("Tanh", [x]);
  expect(frozenFront(traced({ between }))).toBeUndefined();
});

test("a front whose results are no rows ends before them", () => {
  const between = (builder: GraphBuilder, x: number) => {
    const [rows] = builder.shape(x) as [number];
    const halves = builder.op("Reshape", [x], { shape: [2 * rows, WIDTH / 2] });
    const [seed] = [builder.persistent("seed", "state", [1], { dtype: "int32" })];
    const drawn = builder.op("Dropout", [halves, seed], { rate: 0.5, ordinal: 0 });
    return builder.op("Reshape", [drawn], { shape: [rows, WIDTH] });
  };
  const found = frozenFront(traced({ between }));
  expect(found?.front.outputs[0]?.shape).toEqual([WIDTH]);
  expect(found?.nodes).toBe(1);
});
