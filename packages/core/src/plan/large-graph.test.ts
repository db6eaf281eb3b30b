/**
 * That the work grows with the number of nodes and not with its square, told by how often a node is
 * looked at: a count that is the same on every machine, however busy.
 */
import { expect, test } from "vitest";
import { opNames } from "../graph/ops/index.js";
import { adam } from "../graph/optimizer.js";
import { trainingStep } from "../graph/steps.js";
import type { ModelGraph } from "../graph/template.js";
import type { Graph, Node } from "../graph/types.js";
import { holdEverything } from "./everything.js";
import { planEntry } from "./plan.js";
import { unrolledModel } from "./test/unrolled-model.js";

holdEverything();

const target = {
  alignmentBytes: 64,
  ops: opNames(),
  maxBlockBytes: 2 ** 30,
  precision: 32,
} as const;

/** The same graph, and how often somebody asked a node of it what it reads or writes. */
function watched(graph: Graph): { readonly graph: Graph; readonly looks: () => number } {
  let looks = 0;
  const nodes = graph.nodes.map(
    (node): Node => ({
      ...node,
      get inputs() {
        looks++;
        return node.inputs;
      },
      get outputs() {
        looks++;
        return node.outputs;
      },
    }),
  );
  return { graph: { ...graph, nodes }, looks: () => looks };
}

function training(model: ModelGraph): Graph {
  const column = { dtype: "float32", scale: 1, offset: 0 } as const;
  const rowShape = (model.graph.tensors[model.inputs[0]?.tensor ?? 0]?.shape ?? []).slice(1);
  return trainingStep(model, {
    terms: [{ output: "y", loss: { name: "meanSquaredError" }, weight: 1, metrics: [] }],
    data: {
      columns: { x: { ...column, rowShape }, y: { ...column, rowShape: [1] } },
      inputs: { x: "x" },
      labels: { y: "y" },
    },
    stride: 4,
    orderCapacity: 64,
    scheduleCapacity: 8,
    optimizer: adam(),
  });
}

/** Looks at a node of the forward pass while the step is built, and at one of the step while it is planned. */
function looksAtEach(steps: number): { readonly built: number; readonly planned: number } {
  const model = unrolledModel(steps);
  const forward = watched(model.graph);
  const step = watched(training({ ...model, graph: forward.graph }));
  const built = forward.looks() / forward.graph.nodes.length;
  planEntry("train@4", step.graph, target);
  return { built, planned: step.looks() / step.graph.nodes.length };
}

test("four times the steps are four times the work, in building a training step and in planning it", () => {
  const [small, large] = [looksAtEach(20), looksAtEach(80)];
  expect(small.planned).toBeGreaterThan(2);
  expect(large.built).toBeLessThan(1.1 * small.built);
  expect(large.planned).toBeLessThan(1.1 * small.planned);
});

test("the gradient of an unrolled net puts each step's gates together, and the sequence, by one Concat", () => {
  const steps = 20;
  const { nodes } = training(unrolledModel(steps));
  const count = (name: string) => nodes.filter(({ op }) => op === name).length;
  expect(count("Slice")).toBe(5 * steps);
  expect(count("Concat")).toBe(steps + 1);
  expect(count("PadV2")).toBe(0);
});
