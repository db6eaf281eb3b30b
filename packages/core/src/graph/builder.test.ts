import { expect, test } from "vitest";
import { GraphBuilder, type PersistentOptions } from "./builder.js";

test("one name is one tensor, asked for as often as one likes", () => {
  const builder = new GraphBuilder();
  const options = { trainable: true, block: "b" };
  const id = builder.persistent("w", "parameter", [2, 3], options);
  expect(builder.persistent("w", "parameter", [2, 3], options)).toBe(id);
  expect(new GraphBuilder(builder.build()).persistent("w", "parameter", [2, 3], options)).toBe(id);
});

test.each<[string, PersistentOptions]>([
  ["type", { dtype: "int32" }],
  ["training", { trainable: true }],
  ["residence", { resident: true }],
  ["span", { span: [0] }],
  ["block", { block: "other" }],
])("a name that stands for a tensor of another %s is our own fault", (_, options) => {
  const builder = new GraphBuilder();
  builder.persistent("w", "parameter", [2, 3]);
  expect(() => builder.persistent("w", "parameter", [2, 3], options)).toThrow(
    /internal: "w" is float32 parameter \[2,3\] and /,
  );
  expect(() => builder.persistent("w", "parameter", [3, 2])).toThrow(/\[2,3\] and .*\[3,2\]/);
  expect(() => builder.persistent("w", "state", [2, 3])).toThrow(/parameter .* state/);
});

test("a scalar is stored once, the two zeros and NaN told apart", () => {
  const builder = new GraphBuilder();
  const values = [0, -0, Number.NaN, 0.1];
  const ids = values.map((value) => builder.scalar(value));
  expect(new Set(ids).size).toBe(4);
  expect(values.map((value) => builder.scalar(value))).toEqual(ids);
  const kept = builder.constant(Float32Array.of(7), []);
  expect(builder.scalar(7)).toBe(kept);
  expect(builder.scalar(8)).not.toBe(builder.constant(Int32Array.of(8), []));
});

test("a tensor's first maker and its readers are known, of nodes made elsewhere too", () => {
  const first = new GraphBuilder();
  const x = first.persistent("x", "input", [4]);
  const y = first.op("Exp", [x]);
  first.op("Multiply", [y, y]);
  const { tensors, nodes } = first.build();
  const builder = new GraphBuilder({ tensors, nodes: [] });
  expect(builder.maker(y)).toBeUndefined();
  builder.adopt(nodes);
  builder.op("Neg", [y]);
  expect(builder.maker(y)?.op).toBe("Exp");
  expect(builder.readerCount(y)).toBe(2);
  expect(builder.readerCount(x)).toBe(1);
  builder.prepend({ op: "Fill", inputs: [], outputs: [x], attributes: { shape: [4], value: 1 } });
  expect(builder.nodes.map(({ op }) => op)).toEqual(["Fill", "Exp", "Multiply", "Neg"]);
  expect(builder.maker(x)?.op).toBe("Fill");
});

test("a tensor that takes another role takes its name along, and frees the old one", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [4], { resident: true });
  builder.retype(x, "metric", "y");
  expect(builder.tensor(x)).toEqual({
    id: x,
    shape: [4],
    dtype: "float32",
    role: "metric",
    name: "y",
  });
  expect(builder.persistent("y", "metric", [4])).toBe(x);
  expect(builder.persistent("x", "input", [4])).not.toBe(x);
  expect(() => builder.retype(x, "metric", "x")).toThrow(/there is a "x" already/);
  expect(() => builder.retype(builder.scalar(1), "metric", "one")).toThrow(/is a constant/);
});

test("a result's own memory may be named unless somebody else reads it or it has a name", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [4]);
  const y = builder.op("Exp", [x]);
  const flat = builder.op("Reshape", [y], { shape: [2, 2] });
  expect(builder.ownResult(x)).toBeUndefined();
  expect(builder.ownResult(flat)).toBe(y);
  expect(builder.ownResult(y)).toBeUndefined();
  expect(builder.ownResult(builder.op("Reshape", [x], { shape: [2, 2] }))).toBeUndefined();
  const z = builder.op("Neg", [y]);
  expect(builder.ownResult(flat)).toBeUndefined();
  expect(builder.ownResult(z)).toBe(z);
});

test("a graph that was built stays what it is while its builder goes on", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [4]);
  const graph = builder.build();
  builder.op("Exp", [x]);
  builder.retype(x, "scratch");
  expect(graph.nodes).toHaveLength(0);
  expect(graph.tensors).toMatchObject([{ name: "x", role: "input" }]);
});
