import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import { mlp } from "../models/index.js";
import { capturedWeights } from "./index.js";
import { Scaled } from "./test/custom-layers.js";
import type { LayersModelLike } from "./tfjs-types.js";

const { layers, sequential } = tfl;

afterEach(() => tfc.disposeVariables());

const read = (model: LayersModelLike) => capturedWeights(model).readAll();
const numbersOf = (weight: { read(): tfc.Tensor } | undefined) => weight?.read().dataSync();

/** Two layers whose kernels have the same shape, so that an exchange would fit. */
const twoAlike = () =>
  sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 }), layers.dense({ units: 4 })],
  });

/** Numbers that tell which weight, and which place in it. */
const numbered = (model: LayersModelLike) =>
  capturedWeights(model)
    .readAll()
    .map((values, weight) => values.map((_, at) => 100 * weight + at));

test("weights written are read back, and tfjs keeps no tensor of ours", () => {
  const [from, to] = [mlp({ seed: 1 }), mlp({ seed: 2 })];
  const before = tfc.memory().numTensors;
  capturedWeights(from).writeTo(to, read(from));
  expect(read(to)).toEqual(read(from));
  expect(tfc.memory().numTensors).toBe(before);
});

test("what is read is a copy", () => {
  const model = mlp();
  const [kernel] = read(model);
  kernel?.fill(9);
  expect(read(model)[0]?.[0]).not.toBe(9);
});

test("values that do not fit are refused with both sizes, and nothing is written", () => {
  const model = mlp({ seed: 1 });
  const weights = capturedWeights(model);
  const before = weights.readAll();
  const wrong = before.map((values) => values.map(() => 7));
  wrong[5] = new Float32Array(11);
  expect(() => weights.writeTo(model, wrong)).toThrow(
    /weight "dense_Dense\d+\/bias" is \[10\], 11 values/,
  );
  expect(() => weights.writeTo(model, wrong.slice(1))).toThrow(
    /the model has 6 weights, 5 were given/,
  );
  expect(weights.readAll()).toEqual(before);
});

test.each(["frozen and then thawed", "thawed and then frozen"])(
  "a layer %s since the capture gets its own weights back",
  (order) => {
    const model = twoAlike();
    const [first] = model.layers;
    if (!first) throw new Error("there is no layer");
    const kernels = model.layers.map((layer) => layer.weights[0]);
    first.trainable = order.startsWith("thawed");
    const weights = capturedWeights(model);
    first.trainable = !first.trainable;
    const values = weights.places.map(({ variable }, at) => {
      return variable.read().shape.length === 2
        ? new Float32Array(16).fill(variable === kernels[0] ? 1 : 2)
        : new Float32Array(4).fill(at);
    });
    weights.writeTo(model, values);
    expect(kernels.map((kernel) => numbersOf(kernel)?.[0])).toEqual([1, 2]);
    expect(weights.readAll()).toEqual(values);
  },
);

test("a frozen twin is written and read weight by weight", () => {
  const [model, twin] = [twoAlike(), twoAlike()];
  const [first] = twin.layers;
  if (first) first.trainable = false;
  const weights = capturedWeights(model);
  const values = numbered(model);
  weights.writeTo(twin, values);
  expect(weights.valuesOf(twin)).toEqual(values);
  expect(numbersOf(twin.layers[0]?.weights[0])).toEqual(values[0]);
  expect(numbersOf(twin.layers[1]?.weights[0])).toEqual(values[2]);
});

test("weights of one layer keep their order when one of them alone is frozen", () => {
  const make = () => sequential({ layers: [layers.batchNormalization({ inputShape: [4] })] });
  const [model, twin] = [make(), make()];
  const [gamma] = twin.weights;
  Object.assign(gamma ?? {}, { trainable: false });
  expect(twin.weights[0]).not.toBe(gamma);
  const weights = capturedWeights(model);
  const values = numbered(model);
  weights.writeTo(twin, values);
  expect(numbersOf(gamma)).toEqual(values[0]);
  expect(capturedWeights(twin).valuesOf(model)[0]).toEqual(weights.readAll()[1]);
});

const shared = () => {
  const input = tfl.input({ shape: [4] });
  const layer = layers.dense({ units: 4 });
  const inner = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 }), layer] });
  const branches = [inner.apply(input), layer.apply(layer.apply(input))] as tfl.SymbolicTensor[];
  return tfl.model({ inputs: input, outputs: layers.add().apply(branches) as tfl.SymbolicTensor });
};

const branched = () => {
  const input = tfl.input({ shape: [4] });
  const left = layers.dense({ units: 4 });
  const inner = sequential({ layers: [layers.dense({ inputShape: [4], units: 4 })] });
  const branches = [inner, layers.dense({ units: 4 }), left].map((layer) => layer.apply(input));
  const sum = layers.add().apply([...branches, left.apply(input)] as tfl.SymbolicTensor[]);
  return tfl.model({ inputs: input, outputs: sum as tfl.SymbolicTensor });
};

const normalised = () =>
  sequential({
    layers: [
      layers.batchNormalization({ inputShape: [4] }),
      sequential({ layers: [twoAlike(), layers.batchNormalization()] }),
      new Scaled({ units: 4 }),
    ],
  });

const recurrent = () =>
  sequential({
    layers: [
      layers.timeDistributed({ inputShape: [3, 4], layer: layers.dense({ units: 4 }) }),
      layers.bidirectional({
        layer: layers.gru({ units: 4, recurrentInitializer: "glorotNormal" }) as tfl.RNN,
        mergeMode: "sum",
      }),
    ],
  });

test.each([
  ["shared layers", shared],
  ["nested models, statistics and a layer of a user's own", normalised],
  ["wrappers and recurrent layers", recurrent],
])("twins with %s are paired whatever each has frozen", (_, make) => {
  const [model, twin, plain] = [make(), make(), make()];
  const weights = capturedWeights(model);
  const values = numbered(model);
  const freeze = (layer: tfl.layers.Layer) => {
    layer.trainable = false;
  };
  twin.layers.slice(0, -1).forEach(freeze);
  model.layers.slice(-1).forEach(freeze);
  for (const one of [model, twin, plain]) weights.writeTo(one, values);
  const wanted = plain.getWeights().map((value) => [...value.dataSync()]);
  for (const one of [model, twin]) {
    for (const layer of one.layers) layer.trainable = true;
    expect(weights.valuesOf(one)).toEqual(values);
    expect(one.getWeights().map((value) => [...value.dataSync()])).toEqual(wanted);
  }
});

test("a model read from its own file is paired with the one it came from", async () => {
  const model = branched();
  const copy = await tfl.models.modelFromJSON(model.toJSON(null, false) as never);
  const weights = capturedWeights(model);
  weights.writeTo(copy, numbered(model));
  const named = (one: tfl.LayersModel) =>
    one.weights.map((weight) => [weight.originalName, [...weight.read().dataSync()]]);
  weights.writeTo(model, numbered(model));
  expect(named(copy)).toEqual(named(model));
});

test("a model built otherwise is refused with both weights, and nothing is written", () => {
  const model = twoAlike();
  const weights = capturedWeights(model);
  const other = sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 })],
  });
  expect(() => weights.writeTo(other, weights.readAll())).toThrow(
    /^\[hone\] weights: weight 3 of the model that was compiled is "dense_Dense\d+\/kernel" \[4,4\] of the Dense "dense_Dense\d+", that of the other is none\. Use the model that was compiled, or one built alike\.$/,
  );
  const wider = sequential({
    layers: [layers.dense({ inputShape: [4], units: 4 }), layers.dense({ name: "wide", units: 5 })],
  });
  expect(() => weights.valuesOf(wider)).toThrow(/that of the other is "wide\/kernel" \[4,5\]/);
});

test("the same layer names in another order are refused: name and place say different pairs", () => {
  const named = (...names: string[]) =>
    sequential({
      layers: names.map((name) => layers.dense({ name, inputShape: [4], units: 4 })),
    });
  const weights = capturedWeights(named("a", "b"));
  expect(() => weights.valuesOf(named("b", "a"))).toThrow(/"a\/kernel".*"b\/kernel_1"/);
  expect(weights.valuesOf(named("b", "c"))).toHaveLength(4);
});

test("a constraint does not change what is written, as it does not change what fit leaves", () => {
  const kernelConstraint = tfl.constraints.nonNeg();
  const model = sequential({
    layers: [layers.dense({ inputShape: [2], units: 1, kernelConstraint })],
  });
  const values = [Float32Array.of(-1, 2), Float32Array.of(-3)];
  capturedWeights(model).writeTo(model, values);
  expect(read(model)).toEqual(values);
});

test("what is no model, and a model that was disposed, are refused in words", () => {
  const model = twoAlike();
  const weights = capturedWeights(model);
  const values = weights.readAll();
  for (const [given, said] of [
    [undefined, "undefined"],
    [null, "null"],
    [{}, "a plain object"],
    [model.layers[0], "of class Dense"],
  ]) {
    expect(() => weights.writeTo(given as never, values)).toThrow(
      `[hone] weights: the model is ${said}. Use the model that was compiled, or one built alike.`,
    );
  }
  model.dispose();
  expect(() => weights.writeTo(model, values)).toThrow(
    /^\[hone\] weight "dense_Dense\d+\/kernel": its memory was given back by dispose/,
  );
});

test("the weights are described one a line", () => {
  const model = sequential({ layers: [layers.dense({ name: "d", inputShape: [2], units: 3 })] });
  expect(capturedWeights(model).describe()).toBe(
    '"d/kernel" [2,3] of the Dense "d"\n"d/bias" [3] of the Dense "d"',
  );
});
