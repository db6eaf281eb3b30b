import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { broadcastShape, broadcastStrides, samePadding, windowOutput } from "./geometry.js";
import { gradients } from "./gradient.js";
import { adam } from "./optimizer.js";
import { simplify } from "./simplify.js";
import { atBatch } from "./template.js";

test("a template gives every batch size the extents that two sizes imply", () => {
  const of = (batch: number) => ({ shape: [batch, 7], flat: 3 * batch, rate: 0.5, name: "x" });
  const template = { two: of(2), three: of(3) };
  expect(atBatch(template, 64)).toEqual(of(64));
  expect(atBatch(template, 1)).toEqual(of(1));
});

test("a template whose traces differ in kind is refused, constants included", () => {
  const values = (value: number) => ({ value: Float32Array.of(1, value) });
  expect(atBatch({ two: values(2), three: values(2) }, 5)).toEqual(values(2));
  expect(() => atBatch({ two: values(2), three: values(3) }, 5)).toThrow(/not the same twice/);
  const ragged = { two: { list: [1] }, three: { list: [1, 2] } };
  expect(() => atBatch<unknown>(ragged, 5)).toThrow(/changes with the batch size/);
});

test("simplify drops what nobody reads and computes nothing twice", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("input@1", "input", [4]);
  const once = builder.op("Exp", [x]);
  const again = builder.op("Exp", [x]);
  builder.op("Log", [x]);
  const output = builder.persistent("output@1", "metric", [4]);
  builder.opInto("Add", [once, again], output);
  const { nodes } = simplify(builder.build());
  expect(nodes.map(({ op }) => op)).toEqual(["Exp", "Add"]);
  expect(nodes[1]?.inputs).toEqual([once, once]);
});

test("simplify tells infinities apart, and the two zeros", () => {
  const builder = new GraphBuilder();
  for (const [index, value] of [Infinity, -Infinity, NaN, 0, -0].entries()) {
    const filled = builder.op("Fill", [], { shape: [2], value });
    builder.opInto("Identity", [filled], builder.persistent(`output${index}`, "metric", [2]));
  }
  expect(simplify(builder.build()).nodes).toHaveLength(10);
});

test("simplify keeps two reads of a tensor that changes in between", () => {
  const builder = new GraphBuilder();
  const average = builder.persistent("state:0", "state", [4]);
  const value = builder.persistent("input@1", "input", [4]);
  const before = builder.op("Neg", [average]);
  builder.inPlace("AssignMovingAverage", [average, value], [average], { decay: 0.9 });
  const after = builder.op("Neg", [average]);
  builder.opInto("Sub", [after, before], builder.persistent("output@1", "metric", [4]));
  expect(simplify(builder.build()).nodes.map(({ op }) => op)).toEqual([
    "Neg",
    "AssignMovingAverage",
    "Neg",
    "Sub",
  ]);
});

test("no gradient is computed for what is frozen or does not depend on a parameter", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("input@1", "input", [2, 3]);
  const frozen = builder.persistent("parameter:0", "parameter", [3, 3]);
  const free = builder.persistent("parameter:1", "parameter", [3, 1], { trainable: true });
  const product = (a: number, b: number) =>
    builder.op("BatchMatMul", [a, b], { transposeA: false, transposeB: false });
  const result = product(product(x, frozen), free);
  const before = builder.nodes.length;
  const seed = builder.constant(new Float64Array(2).fill(1), [2, 1]);
  const found = gradients(builder, new Map([[result, seed]]), [free]);
  expect([...found.keys()]).toEqual([free]);
  expect(builder.nodes.length - before).toBe(1);
});

test("shapes that do not go together are refused with both, and with the layer that asked", () => {
  const builder = new GraphBuilder();
  builder.label = "merge_1";
  const a = builder.persistent("a", "input", [2, 3]);
  const b = builder.persistent("b", "input", [2, 4]);
  expect(() => builder.op("Add", [a, b])).toThrow(/layer "merge_1".*\[2,3\] and \[2,4\]/);
});

test("broadcasting and padding follow numpy and TensorFlow", () => {
  expect(broadcastShape([3, 1, 5], [4, 1])).toEqual([3, 4, 5]);
  expect(broadcastStrides([4, 1], [3, 4, 5])).toEqual([0, 1, 0]);
  expect(samePadding(5, 3, 2, 1)).toEqual([1, 1]);
  expect(samePadding(6, 3, 2, 1)).toEqual([0, 1]);
  expect(samePadding(7, 2, 1, 3)).toEqual([1, 2]);
  expect(windowOutput(28, 3, 1, 1, 0)).toBe(26);
});

test("an option that is undefined is an option not given", () => {
  const nothing = { beta1: undefined, epsilon: undefined, clipNorm: undefined } as object;
  expect(adam(1e-3, nothing)).toEqual(adam());
});
