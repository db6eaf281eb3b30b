import { describe, expect, test } from "vitest";
import { opNames } from "../graph/ops/index.js";
import type { Graph, Node } from "../graph/types.js";
import { holdEverything } from "./everything.js";
import { fitToTarget } from "./fuse.js";
import { planEntry } from "./plan.js";
import { opsIn, type PooledLayer, pooledLayer } from "./test/pooled-layer.js";

holdEverything();

const FORWARD = "FusedConv2DMaxPool";
const BACKPROP_FILTER = "FusedConv2DMaxPoolBackpropFilter";
const BACKPROP_INPUT = "FusedConv2DMaxPoolBackpropInput";
const POOLED = [FORWARD, BACKPROP_FILTER, BACKPROP_INPUT];

const fitted = (layer: PooledLayer, ops = opNames()) => fitToTarget(pooledLayer(layer), ops);
const nodeOf = ({ nodes }: Graph, op: string) => nodes.find((node) => node.op === op) as Node;
const nameOf = ({ tensors }: Graph, id: number | undefined) => tensors[id as number]?.name;
const namesOf = (graph: Graph, ids: readonly number[]) => ids.map((id) => nameOf(graph, id));

const trained = ["x", "filter", "bias"] as const;
const relu: PooledLayer = { activation: "Relu", trained };

/** Every tensor a node reads was made by an earlier one, or outlives the step. */
function expectOrdered({ nodes, tensors }: Graph): void {
  const made = new Set<number>();
  for (const { op, inputs, outputs } of nodes) {
    for (const id of inputs) {
      const isThere = made.has(id) || tensors[id]?.role !== "scratch";
      expect(isThere, `${op} reads tensor ${id}`).toBe(true);
    }
    for (const id of outputs) made.add(id);
  }
}

describe("a convolution and its pool become one node", () => {
  test("with bias and relu, where nothing is trained, which notes no winners", () => {
    const graph = fitted({ activation: "Relu" });
    expect(opsIn(graph)).toEqual([FORWARD]);
    const { inputs, outputs, attributes, label } = nodeOf(graph, FORWARD);
    expect(namesOf(graph, inputs)).toEqual(["x", "filter", "bias"]);
    expect(namesOf(graph, outputs)).toEqual(["y"]);
    expect(attributes).toEqual({
      strides: [1, 1],
      padding: [0, 0, 0, 0],
      dilations: [1, 1],
      activation: "relu",
      outputSize: [8, 7],
    });
    expect(label).toBe("convolution");
  });

  test("linear, with and without bias", () => {
    for (const bias of [true, false]) {
      const graph = fitted({ bias });
      expect(opsIn(graph)).toEqual([FORWARD]);
      const { inputs, attributes } = nodeOf(graph, FORWARD);
      expect(inputs).toHaveLength(bias ? 3 : 2);
      expect(attributes.activation).toBe("linear");
    }
  });

  test("and the gradients follow its winners", () => {
    const graph = fitted(relu);
    expect(opsIn(graph).filter((op) => op !== "Reshape" && op !== "Identity")).toEqual(
      expect.arrayContaining(POOLED),
    );
    expect(opsIn(graph).join()).not.toMatch(/Conv2D,|MaxPoolGrad|Step|Multiply|Sum/);
    expectOrdered(graph);
    const forward = nodeOf(graph, FORWARD);
    const winners = forward.outputs[1] as number;
    const shape = [2, 4, 3, 4];
    expect(graph.tensors[winners]).toEqual({ id: winners, shape, dtype: "int32", role: "scratch" });
    const filter = nodeOf(graph, BACKPROP_FILTER);
    expect(namesOf(graph, filter.inputs)).toEqual(["x", "dy", undefined]);
    expect(filter.inputs[2]).toBe(winners);
    expect(nameOf(graph, filter.outputs[0])).toBe("gradient:filter");
    expect(filter.outputs).toHaveLength(2);
    expect(filter.attributes).toEqual({ ...forward.attributes, filterShape: [3, 3, 3, 4] });
    const input = nodeOf(graph, BACKPROP_INPUT);
    expect(namesOf(graph, input.inputs)).toEqual(["dy", undefined, "filter"]);
    expect(input.inputs[1]).toBe(winners);
    expect(nameOf(graph, input.outputs[0])).toBe("gradient:x");
    expect(input.attributes).toEqual({ ...forward.attributes, inputShape: [2, 10, 9, 3] });
  });

  test.each<[string, PooledLayer, readonly string[], number]>([
    ["without relu", { trained }, POOLED, 2],
    ["without bias", { bias: false, trained: ["x", "filter"] }, POOLED, 1],
    ["of a bias that is frozen", { ...relu, trained: ["x", "filter"] }, POOLED, 1],
    ["of a first layer", { ...relu, trained: ["filter", "bias"] }, [FORWARD, BACKPROP_FILTER], 2],
    ["of the filter alone", { ...relu, trained: ["filter"] }, [FORWARD, BACKPROP_FILTER], 1],
  ])("and the gradients %s follow them too", (_, layer, ops, outputs) => {
    const graph = fitted(layer);
    expect(opsIn(graph).filter((op) => op !== "Reshape" && op !== "Identity")).toHaveLength(
      ops.length,
    );
    expect(opsIn(graph)).toEqual(expect.arrayContaining([...ops]));
    expect(nodeOf(graph, BACKPROP_FILTER).outputs).toHaveLength(outputs);
    expectOrdered(graph);
  });

  test("and a plan gives the winners memory of their own until their last reader", () => {
    const target = {
      alignmentBytes: 64,
      precision: 32,
      ops: opNames(),
      maxBlockBytes: 2 ** 30,
    } as const;
    const { calls } = planEntry("train", pooledLayer(relu), target);
    const winners = calls.find(({ op }) => op === FORWARD)?.outputs[1];
    const readers = calls.filter(({ op }) => op.includes("MaxPoolBackprop"));
    expect(winners).toMatchObject({ shape: [2, 4, 3, 4], dtype: "int32" });
    expect(readers).toHaveLength(2);
    for (const { inputs, outputs } of readers) {
      expect(inputs).toContainEqual(winners);
      for (const { block } of outputs) expect(block).not.toBe(winners?.block);
    }
  });
});

describe("a convolution and its pool stay apart", () => {
  const pairs = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };
  test.each<[string, PooledLayer]>([
    ["where something else reads the convolution's output", { alsoRead: "output" }],
    ["where the convolution's output has a name", { named: "kept" }],
    ["where the convolution is dilated", { dilations: [2, 2] }],
    ["for a pool of 3 by 3", { pool: { ...pairs, filterSize: [3, 3], strides: [3, 3] } }],
    ["for a pool that overlaps", { pool: { ...pairs, strides: [1, 1] } }],
    ["for a pool with gaps", { pool: { ...pairs, strides: [3, 3] } }],
    ["for a pool that is padded", { pool: { ...pairs, padding: [0, 1, 0, 1] } }],
    ["for tanh between the two", { activation: "Tanh" }],
    ["for a leaky relu between the two", { activation: "LeakyRelu" }],
  ])("%s", (_, layer) => {
    for (const activation of [layer.activation ?? "Relu", layer.activation]) {
      for (const wanted of [[], trained]) {
        const unfused = { ...layer, activation, trained: wanted } as PooledLayer;
        const ops = opsIn(fitted(unfused));
        expect(ops.filter((op) => POOLED.includes(op))).toEqual([]);
        expect(ops).toEqual(expect.arrayContaining(["FusedConv2D", "MaxPool"]));
      }
    }
  });

  test.each<[string, PooledLayer]>([
    ["where the filter is frozen and the input's gradient is wanted", { trained: ["x"] }],
    ["where the filter is frozen and the bias is trained", { trained: ["bias"] }],
    ["where something else reads the gradient before it", { trained, alsoRead: "gradient" }],
  ])("%s", (_, layer) => {
    for (const activation of ["Relu", undefined] as const) {
      const ops = opsIn(fitted({ ...layer, ...(activation ? { activation } : {}) }));
      expect(ops.filter((op) => POOLED.includes(op))).toEqual([]);
    }
  });

  test.each(POOLED)("on a target that lacks %s", (lacking) => {
    const ops = opNames().filter((name) => name !== lacking);
    for (const layer of [relu, { activation: "Relu" }, { trained }] as const) {
      const found = opsIn(fitted(layer, ops));
      expect(found.filter((op) => POOLED.includes(op))).toEqual([]);
      expect(found).toContain("FusedConv2D");
    }
  });
});
