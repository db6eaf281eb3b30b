import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, beforeAll, expect, test } from "vitest";
import { traceModel } from "./index.js";
import { loadParts } from "./on-demand.js";
import { outputNamesOf } from "./ports.js";
import { Calls } from "./test/custom-layers.js";

const { layers, sequential } = tfl;

beforeAll(() => loadParts());
afterEach(() => tfc.disposeVariables());

type Body = (x: tfc.Tensor) => tfc.Tensor;
const float = (x: tfc.Tensor) => tfc.cast(x, "float32");
const variable = tfc.variable(tfc.zeros([4]), false, "refusals/counter");
const outside = tfc.tensor1d([1, 2, 3, 4]);

const BODIES: Readonly<Record<string, readonly [Body, RegExp]>> = {
  "an unknown kernel": [
    (x) => tfc.unique(x, 1).values,
    /uses the tfjs kernel Unique, which Hone cannot compile/,
  ],
  dataSync: [(x) => tfc.mul(x, x.dataSync()[0] ?? 1), /reads the values of a tensor/],
  arraySync: [(x) => tfc.mul(x, (x.arraySync() as number[][])[0]?.[0] ?? 1), /reads the values/],
  "data, whose promise nobody awaits": [
    (x) => tfc.tidy(() => [x.data(), x][1] as tfc.Tensor),
    /reads the values of a tensor/,
  ],
  "a dataSync whose error it swallows": [
    (x) => {
      try {
        x.dataSync();
      } catch {}
      return tfc.relu(x);
    },
    /reads the values/,
  ],
  "tf.randomNormal": [
    (x) => tfc.add(x, tfc.randomNormal([4])),
    /draws random numbers.*\. Use randomNormal, randomUniform or multinomial of @hone\/core\./,
  ],
  "tf.randomUniform": [(x) => tfc.add(x, tfc.randomUniform([4])), /draws random numbers/],
  "tf.multinomial": [
    (x) => tfc.add(x, float(tfc.multinomial(x as tfc.Tensor2D, 4))),
    /uses the tfjs kernel Multinomial.*Use multinomial of @hone\/core/,
  ],
  "Math.random": [(x) => tfc.mul(x, Math.random()), /a constant that is another one every time/],
  "whole numbers from Math.random": [
    (x) => tfc.mul(x, Math.floor(Math.random() * 1e9)),
    /another one every time|in step with the batch/,
  ],
  "a random constant as large as the input": [
    (x) => tfc.mul(x, tfc.fill(x.shape, Math.random())),
    /another one every time/,
  ],
  "a constant as large as the batch": [
    (x) => tfc.mul(x, tfc.reshape(tfc.range(0, x.size), x.shape)),
    /as large as the batch|kernel Range|another one every time/,
  ],
  "tf.customGrad": [
    (x) => tfc.customGrad((y) => ({ value: tfc.square(y as tfc.Tensor), gradFunc: (dy) => dy }))(x),
    /gives a gradient of its own with tf\.customGrad/,
  ],
  "a variable it changes": [
    (x) => {
      variable.assign(tfc.add(variable, 1));
      return tfc.add(x, variable);
    },
    /changes the variable "refusals\/counter"/,
  ],
  "a tensor of others it disposes": [
    (x) => {
      outside.dispose();
      return x;
    },
    /disposes a tensor made outside/,
  ],
  "the batch size as a number that grows with its square": [
    (x) => tfc.mul(x, (x.shape[0] ?? 1) ** 2),
    /in step with the batch size/,
  ],
  "another operation for another batch size": [
    (x) => (x.shape[0] === 2 ? tfc.relu(x) : tfc.elu(x)),
    /differently for different batch sizes/,
  ],
};

test.each(Object.keys(BODIES))("a layer with %s is refused by its name", (name) => {
  const [body, message] = BODIES[name] as readonly [Body, RegExp];
  const model = sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 }), new Calls(body, "mine")],
  });
  const before = tfc.memory().numTensors;
  expect(() => traceModel(model)).toThrow(message);
  expect(() => traceModel(model)).toThrow(/^\[hone\] layer "mine": /);
  expect(tfc.memory().numTensors).toBe(before);
  expect([...variable.dataSync(), ...outside.dataSync()]).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
});

const name = "the-layer";

test("a recurrent layer that keeps its state is refused by the layer's name", () => {
  const layer = layers.gru({
    name,
    units: 2,
    stateful: true,
    batchInputShape: [2, 4, 6],
    recurrentInitializer: "glorotNormal",
  });
  expect(() => traceModel(sequential({ layers: [layer] }))).toThrow(
    '[hone] layer "the-layer": is stateful. Build it with stateful: false.',
  );
});

test("a user's own kind of dropout is not taken for tfjs's, and draws by tf.dropout", () => {
  const Dropout = layers.dropout({ rate: 0.5 }).constructor;
  class Mine extends (Dropout as new (options: object) => tfl.layers.Layer) {}
  const model = sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 }), new Mine({ name, rate: 0.5 })],
  });
  const { training, inference } = traceModel(model);
  const ops = (graph: typeof training) => graph.two.graph.nodes.map(({ op }) => op);
  expect(ops(training)).toContain("Random");
  expect(ops(training)).not.toContain("Dropout");
  expect(ops(inference)).not.toContain("Random");
});

test("an input of truth values is refused", () => {
  const input = tfl.input({ shape: [3], dtype: "bool", name: "yes" });
  const output = layers.activation({ activation: "relu" }).apply(input) as tfl.SymbolicTensor;
  expect(() => traceModel(tfl.model({ inputs: input, outputs: output }))).toThrow(
    /its input "yes" is bool\. Use a float32 or int32 input/,
  );
});

test("a model whose weights were disposed is refused by the weight's name", () => {
  const model = sequential({ layers: [layers.dense({ name, inputShape: [4], units: 2 })] });
  model.dispose();
  expect(() => traceModel(model)).toThrow(
    /^\[hone\] weight "the-layer\/kernel.*": its memory was given back by dispose/,
  );
});

test("an open extent, an unbuilt model and something that is no model are refused", () => {
  const open = sequential({
    layers: [layers.conv1d({ inputShape: [null, 3], filters: 2, kernelSize: 2 })],
  });
  expect(() => traceModel(open)).toThrow(
    /its input ".*" is \[batch, free, 3\], so that only data can say its shape/,
  );
  expect(() => traceModel(sequential())).toThrow(/it is not built/);
  expect(() => traceModel(null as never)).toThrow(/\[hone\] compile: the model is null/);
});

test("a sublayer that is not built yet is refused, and stays unbuilt", () => {
  const inner = layers.dense({ units: 4, name: "inner" });
  const outer = new Calls((x) => inner.apply(x) as tfc.Tensor, "outer");
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), outer] });
  expect(() => traceModel(model)).toThrow(/layer "inner": is not built yet\. Call model\.predict/);
  expect(inner.built).toBe(false);
  model.predict(tfc.zeros([1, 4]));
  expect(traceModel(model).outputs[0]?.shape).toEqual([4]);
});

test("batch normalisation whose statistics are not the model's is refused", () => {
  const inner = layers.batchNormalization({ name: "inner" });
  inner.build([null, 4]);
  const outer = new Calls((x) => inner.apply(x, { training: true }) as tfc.Tensor);
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), outer] });
  expect(() => traceModel(model)).toThrow(
    /layer "inner": keeps ".*moving_mean", which is not among model\.weights/,
  );
});

test("a layer that keeps state between batches is refused by its own name, not its model's", () => {
  const keeps = new Calls((x) => x, "keeps");
  Object.assign(keeps, { _stateful: true });
  const inner = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), keeps] });
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), inner] });
  expect(model.stateful).toBe(true);
  expect(() => traceModel(model)).toThrow(
    '[hone] layer "keeps": is stateful. Build it with stateful: false.',
  );
});

test("batch normalisation along several axes is refused by name, and a list of one is not", () => {
  const norm = layers.batchNormalization({ name: "norm", inputShape: [4, 3, 2] });
  const model = sequential({ layers: [norm] });
  Object.assign(norm, { axis: [3] });
  expect(traceModel(model).outputs[0]?.shape).toEqual([4, 3, 2]);
  Object.assign(norm, { axis: [1, 3] });
  expect(() => traceModel(model)).toThrow(/layer "norm": normalises along the axes 1,3/);
});

test("what tfjs or a user's code throws is told whole, on one line", () => {
  const text = "a sentence that goes on\n  over lines. ".repeat(20);
  const failing = new Calls(() => {
    throw new Error(text);
  }, "talks");
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), failing] });
  const whole = text.replace(/\s+/g, " ").trim();
  expect(() => traceModel(model)).toThrow(
    `[hone] layer "talks": it fails when it is called: ${whole} Check that model.predict`,
  );
});

test("a loss function is refused by name too", () => {
  const model = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 })] });
  const judging = (call: (y: tfc.Tensor, p: tfc.Tensor) => tfc.Tensor) => ({
    functions: [{ what: "loss function", output: outputNamesOf(model)[0] as string, call }],
  });
  expect(() =>
    traceModel(
      model,
      judging((_y, p) => tfc.unique(p, 1).values),
    ),
  ).toThrow(/^\[hone\] loss function: uses the tfjs kernel Unique/);
  expect(() =>
    traceModel(
      model,
      judging(() => 3 as never),
    ),
  ).toThrow(/^\[hone\] loss function: gives no tensor/);
});
