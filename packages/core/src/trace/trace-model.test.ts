import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import { isHoneError } from "../errors.js";
import { atBatch } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { cnn, mlp } from "../models/index.js";
import { traceModel } from "./index.js";
import { loadParts } from "./on-demand.js";
import { outputNamesOf } from "./ports.js";
import { Calls, Scaled } from "./test/custom-layers.js";

await loadParts();

const { layers, sequential } = tfl;

afterEach(() => tfc.disposeVariables());

const operations = ({ nodes }: Graph) => nodes.map(({ op }) => op);

function withLayer(...stack: tfl.layers.Layer[]): tfl.Sequential {
  return sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), ...stack] });
}

test("the cnn is two convolutions, two pools and two products", () => {
  const { training, inference, inputs } = traceModel(cnn());
  const wanted = [
    "Conv2D",
    "Add",
    "Relu",
    "MaxPool",
    "Conv2D",
    "Add",
    "Relu",
    "MaxPool",
    "Reshape",
  ];
  wanted.push("BatchMatMul", "Add", "Relu", "BatchMatMul", "Add", "Softmax");
  expect(
    operations(inference.two.graph).filter((op) => op !== "Reshape" || wanted.includes(op)),
  ).toEqual(wanted);
  expect(operations(training.two.graph)).toEqual(wanted);
  expect(inputs).toMatchObject([{ shape: [28, 28, 1], dtype: "float32" }]);
});

test("dropout stands in the training graph alone, each with an ordinal of its own", () => {
  const shared = layers.dropout({ rate: 0.25 });
  const model = withLayer(
    layers.dropout({ rate: 0.5 }),
    shared,
    layers.dense({ units: 4 }),
    shared,
  );
  const { training, inference } = traceModel(model);
  const drops = training.two.graph.nodes.filter(({ op }) => op === "Dropout");
  expect(drops.map(({ attributes }) => attributes)).toEqual([
    { rate: 0.5, ordinal: 0 },
    { rate: 0.25, ordinal: 1 },
    { rate: 0.25, ordinal: 2 },
  ]);
  expect(operations(inference.two.graph)).not.toContain("Dropout");
});

test("what predicts otherwise than it trains keeps its own graph, also where both agree at one batch", () => {
  class Divided extends tfl.layers.Layer {
    static readonly className = "Divided";
    override call(inputs: tfc.Tensor[], { training }: { training?: boolean }): tfc.Tensor {
      const [x] = inputs as [tfc.Tensor];
      return tfc.div(x, training ? (x.shape[0] as number) : 5);
    }
  }
  const { graph } = atBatch(traceModel(withLayer(new Divided({}))).inference, 7);
  expect(graph.tensors.flatMap(({ value }) => (value ? [...value] : []))).toEqual([5]);

  class Doubling extends tfl.layers.Layer {
    static readonly className = "Doubling";
    override call(inputs: tfc.Tensor[], { training }: { training?: boolean }): tfc.Tensor {
      const [x] = inputs as [tfc.Tensor];
      return !training && (x.shape[0] as number) < 3 ? tfc.mul(x, 2) : x;
    }
  }
  expect(() => traceModel(withLayer(new Doubling({})))).toThrow(
    /computes differently for different batch sizes/,
  );
});

test("nodes carry the name of the innermost layer", () => {
  const block = sequential({
    name: "block",
    layers: [layers.dense({ name: "inner", inputShape: [4], units: 3 })],
  });
  const model = withLayer(block, layers.softmax({ name: "end" }));
  const labels = traceModel(model).inference.two.graph.nodes.map(({ label }) => label);
  expect([...new Set(labels)].slice(-2)).toEqual(["inner", "end"]);
});

test("every graph declares all weights first, in the model's order", () => {
  const model = withLayer(
    layers.batchNormalization(),
    layers.dense({ units: 2, trainable: false }),
    layers.dense({ units: 1, useBias: false }),
  );
  const { weights, training, inference } = traceModel(model);
  expect(weights.map(({ name }) => name)).toEqual([
    "parameter:0",
    "parameter:1",
    "parameter:2",
    "parameter:3",
    "parameter:4",
    "state:5",
    "state:6",
    "parameter:7",
    "parameter:8",
  ]);
  expect(weights.map(({ trainable }) => trainable)).toEqual([
    ...new Array(5).fill(true),
    ...new Array(4).fill(false),
  ]);
  expect(weights.map(({ label }) => label)).toEqual(model.weights.map(({ name }) => name));
  for (const { graph } of [training.two, training.three, inference.two, inference.three]) {
    expect(graph.tensors.slice(0, 9).map(({ name }) => name)).toEqual(
      weights.map(({ name }) => name),
    );
  }
});

test("a model frozen as a whole has no trainable weight", () => {
  const model = mlp();
  model.trainable = false;
  expect(traceModel(model).weights.some(({ trainable }) => trainable)).toBe(false);
});

test("layers shared by two nested models bring each weight once", () => {
  const shared = layers.dense({ units: 4, inputShape: [4] });
  const nested = () => sequential({ layers: [shared] });
  const model = sequential({ layers: [nested(), nested()] });
  expect(model.weights).toHaveLength(4);
  expect(traceModel(model).weights).toHaveLength(2);
});

test("a template gives the graph of any batch size", () => {
  const model = withLayer(layers.batchNormalization(), layers.layerNormalization());
  const { training } = traceModel(model);
  const { graph, inputs, outputs } = atBatch(training, 64);
  for (const { tensor } of [...inputs, ...outputs])
    expect(graph.tensors[tensor]?.shape).toEqual([64, 4]);
  const counts = graph.nodes
    .filter(({ op }) => op === "Fill")
    .map(({ attributes }) => attributes.value);
  expect(counts).toEqual([64, 64]);
});

test("constants in a custom layer are kept once, and as scalars where they hold one value", () => {
  const constant = tfc.tensor1d([1, 2, 3, 4]);
  const model = withLayer(new Calls((x) => tfc.add(tfc.mul(x, constant), tfc.ones([4]))));
  const { graph } = traceModel(model).inference.two;
  const constants = graph.tensors.filter(({ role }) => role === "constant");
  expect(constants.map(({ shape, value }) => [shape, [...(value ?? [])]])).toEqual([
    [[4], [1, 2, 3, 4]],
    [[], [1]],
  ]);
});

test("a layer's variables that are not among model.weights are constants, with a warning", () => {
  const inner = layers.dense({ units: 4, inputShape: [4] });
  inner.build([null, 4]);
  const model = withLayer(new Calls((x) => inner.apply(x) as tfc.Tensor, "outer"));
  const { weights, warnings } = traceModel(model);
  expect(weights).toHaveLength(2);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(
    /^layer "dense_Dense\d+": the variable ".*kernel" is not among model\.weights/,
  );
});

test("a constraint is said not to be applied", () => {
  const model = withLayer(layers.dense({ units: 2, kernelConstraint: tfl.constraints.nonNeg() }));
  expect(traceModel(model).warnings).toEqual([
    expect.stringMatching(/^weight "dense_Dense\d+\/kernel": its constraint is not applied/),
  ]);
});

test("two variables that share their data stay two weights", () => {
  const model = sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 }), layers.dense({ units: 4 })],
  });
  const [kernel, bias] = [tfc.zeros([4, 4]), tfc.zeros([4])];
  model.setWeights([kernel, bias, kernel, bias]);
  const { graph } = traceModel(model).inference.two;
  const products = graph.nodes.filter(({ op }) => op === "BatchMatMul");
  expect(products.map(({ inputs }) => inputs[1])).toEqual([0, 2]);
});

/** What must be as before: all that can be seen of tfjs's engine from outside, and the base Layer's apply. */
function engineState(model: tfl.LayersModel) {
  const { numTensors, numDataBuffers, numBytes } = tfc.memory();
  const engine = tfc.engine();
  return {
    memory: { numTensors, numDataBuffers, numBytes },
    backend: tfc.getBackend(),
    backends: Object.keys(engine.registryFactory),
    variables: Object.keys(engine.registeredVariables),
    own: Object.keys(engine).sort(),
    kernels: tfc.getKernelsForBackend("cpu").length,
    apply: tfl.layers.Layer.prototype.apply,
    scope: engine.state.activeScope,
    built: model.layers.map(({ built }) => built),
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
  };
}

const STATEFUL = () =>
  withLayer(layers.batchNormalization(), new Scaled({ units: 3 }), layers.dropout({ rate: 0.5 }));

test("model and engine are left as they were", () => {
  const model = STATEFUL();
  traceModel(model);
  const before = engineState(model);
  tfc.tidy(() => {
    const inside = engineState(model);
    traceModel(model);
    expect(engineState(model)).toEqual(inside);
  });
  expect(engineState(model)).toEqual(before);
});

test("model and engine are left as they were when a layer is refused", () => {
  const model = withLayer(layers.batchNormalization(), new Calls((x) => tfc.unique(x, 1).values));
  const before = engineState(model);
  expect(() => traceModel(model)).toThrow(/Unique/);
  expect(engineState(model)).toEqual(before);
});

test("a backend that is still starting does not matter, and no backend becomes the default", () => {
  const model = STATEFUL();
  const engine = tfc.engine() as unknown as Record<string, unknown>;
  const { backendName, backendInstance } = engine;
  Object.assign(engine, { backendName: null, backendInstance: null });
  engine.pendingBackendInit = Promise.resolve(true);
  try {
    expect(traceModel(withoutConstants()).outputs[0]?.shape).toEqual([3]);
    expect(engine.backendName).toBe(null);
    expect(engine.backendInstance).toBe(null);
    expect(engine.pendingBackendInit).toBeInstanceOf(Promise);
  } finally {
    Object.assign(engine, { backendName, backendInstance, pendingBackendInit: null });
  }
  expect(traceModel(model).outputs[0]?.shape).toEqual([3]);

  function withoutConstants() {
    Object.assign(engine, { backendName, backendInstance, pendingBackendInit: null });
    const plain = sequential({ layers: [layers.dense({ inputShape: [2], units: 3 })] });
    Object.assign(engine, { backendName: null, backendInstance: null });
    engine.pendingBackendInit = Promise.resolve(true);
    return plain;
  }
});

test("a loss function brings its labels and one number per example", () => {
  const model = withLayer();
  const loss = (y: tfc.Tensor, p: tfc.Tensor) => {
    const hot = tfc.oneHot(tfc.cast(y, "int32") as tfc.Tensor1D, 4);
    return tfc.neg(tfc.sum(tfc.mul(hot, tfc.logSoftmax(p)), -1));
  };
  const output = outputNamesOf(model)[0] as string;
  const traced = traceModel(model, {
    functions: [{ what: "loss function", output, call: loss as never }],
    labelShapes: { [output]: [] },
  });
  for (const template of [traced.training, traced.inference]) {
    const { graph, labels, functions } = atBatch(template, 7);
    expect(labels.map(({ name }) => name)).toEqual([output]);
    expect(graph.tensors[labels[0]?.tensor ?? -1]).toMatchObject({ shape: [7] });
    expect(functions.map((id) => graph.tensors[id]?.shape)).toEqual([[7]]);
  }
});

test("several inputs and outputs come in the model's order, under the names tfjs has for them", () => {
  const [words, image] = [
    tfl.input({ shape: [3], dtype: "int32", name: "words" }),
    tfl.input({ shape: [2], name: "image" }),
  ];
  const asFloat = new Calls((x) => tfc.cast(x, "float32")).apply(words) as tfl.SymbolicTensor;
  const both = layers.concatenate().apply([asFloat, image]) as tfl.SymbolicTensor;
  const outputs = ["late", "early"].map(
    (name, at) => layers.dense({ units: at + 1, name }).apply(both) as tfl.SymbolicTensor,
  );
  const traced = traceModel(tfl.model({ inputs: [image, words], outputs }));
  expect(traced.inputs).toEqual([
    { name: "image", shape: [2], dtype: "float32" },
    { name: "words", shape: [3], dtype: "int32" },
  ]);
  expect(traced.outputs).toMatchObject([
    { name: "late", shape: [1] },
    { name: "early", shape: [2] },
  ]);
  const { graph, inputs } = atBatch(traced.inference, 5);
  expect(inputs.map(({ tensor }) => graph.tensors[tensor])).toMatchObject([
    { shape: [5, 2], dtype: "float32" },
    { shape: [5, 3], dtype: "int32" },
  ]);
});

test("penalties are scalars, in training alone", () => {
  const model = withLayer(layers.dense({ units: 2, kernelRegularizer: "l1l2" }));
  const { training, inference } = traceModel(model);
  expect(training.two.penalties.map((id) => training.two.graph.tensors[id]?.shape)).toEqual([[]]);
  expect(inference.two.penalties).toEqual([]);
});

test("errors are Hone's own, name the layer, and keep their cause", () => {
  const cause = new Error("no such thing");
  const model = withLayer(
    new Calls(() => {
      throw cause;
    }, "broken"),
  );
  try {
    traceModel(model);
    expect.unreachable();
  } catch (error) {
    expect(isHoneError(error, "UnsupportedModel")).toBe(true);
    expect((error as Error).message).toMatch(
      /^\[hone\] layer "broken": it fails when it is called: no such thing\. Check/,
    );
    expect((error as Error).cause).toBe(cause);
  }
});

test("operations chained to tensors, which tfjs-core alone has not, are told with their import", () => {
  const chained = new Calls((x) => (x as never as { square(): typeof x }).square(), "chained");
  expect(() => traceModel(withLayer(chained))).toThrow(
    /^\[hone\] layer "chained": it fails when it is called: x\.square is not a function\. If \.square\(\) is an operation of tfjs: .* only where "@tensorflow\/tfjs" is imported, .* or call tf\.square\(…\)\.$/,
  );
});
