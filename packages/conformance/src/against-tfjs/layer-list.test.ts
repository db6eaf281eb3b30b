/** Every layer that tfjs-layers exports takes a step; most of them twenty beside tfjs (layers.test.ts). */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core";
import { compile } from "@hone/core";
import { cpu } from "@hone/cpu";
import { zeros } from "@tensorflow/tfjs-core";
import { input, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layerRivalries } from "./test/layer-rivalries.js";
import { rivalry } from "./test/rivalry.js";

/** Classes to derive from, and the tensor that a model begins with. */
const NO_LAYERS = ["Layer", "RNN", "RNNCell", "input"];

/** Layers and the rivalry that has them, where its name is another. */
const WITHIN: Readonly<Record<string, string>> = {
  rnn: "rnn of cells",
  lstmCell: "rnn of cells",
  gruCell: "rnn of cells",
  simpleRNNCell: "rnn of cells",
  convLstm2dCell: "convLstm2d",
  bidirectional: "bidirectional concat",
  inputLayer: "dense",
};

/** Other names of a layer: avgPool1d and avgPooling1d of averagePooling1d. */
const named = (name: string) =>
  name
    .replace(/^avgPool(ing)?(?=\d)/, "averagePooling")
    .replace(/^(max|globalMax)Pool(?=\d)/, "$1Pooling");

type Layer = { apply(x: SymbolicTensor | SymbolicTensor[]): unknown };
const one = (shape: readonly number[], layer: () => Layer) =>
  rivalry([...shape], (x) => layer().apply(x) as SymbolicTensor);

/** Without an oracle in layers.test.ts: random ones, and those that tfjs cannot train. */
const others: Readonly<Record<string, () => ReturnType<ReturnType<typeof rivalry>>>> = {
  add: rivalry([4], (x) => {
    const other = layers.dense({ units: 4 }).apply(x) as SymbolicTensor;
    return layers.add().apply([x, other]) as SymbolicTensor;
  }),
  conv3dTranspose: one([3, 3, 4, 2], () => layers.conv3dTranspose({ filters: 2, kernelSize: 2 })),
  dropout: one([6], () => layers.dropout({ rate: 0.5 })),
  spatialDropout1d: one([5, 3], () => layers.spatialDropout1d({ rate: 0.5 })),
  gaussianNoise: one([6], () => layers.gaussianNoise({ stddev: 0.1 })),
  gaussianDropout: one([6], () => layers.gaussianDropout({ rate: 0.5 })),
  alphaDropout: one([6], () => layers.alphaDropout({ rate: 0.5 })),
};

/** Layers that stock tfjs itself cannot run in a model. */
const BROKEN = ["randomWidth", "resizing"];

const exported = Object.keys(layers).filter((name) => !NO_LAYERS.includes(name));
const rivalryOf = (name: string) =>
  layerRivalries[WITHIN[name] ?? named(name)] ?? others[WITHIN[name] ?? named(name)];

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

async function takesAStep(made: ReturnType<ReturnType<typeof rivalry>>): Promise<number> {
  const { model, rows, x, y } = made;
  const session = await compile(model, {
    device,
    loss: "meanSquaredError",
    optimizer: "sgd",
    failover: false,
  });
  const batch = (values: typeof x) =>
    Object.fromEntries(
      Object.entries(values).map(([name, { data, shape }]) => [
        name,
        { data, shape: [rows, ...shape] },
      ]),
    );
  const { loss } = await session.trainOnBatch(batch(x), batch(y));
  session.close();
  return loss;
}

test("74 of the 76 layers that tfjs-layers 4.22 exports compile", () => {
  const compiled = exported.filter((name) => rivalryOf(name));
  expect([compiled.length, exported.length]).toEqual([74, 76]);
  expect(exported.filter((name) => !rivalryOf(name))).toEqual(BROKEN);
});

test.each(exported.filter((name) => rivalryOf(name)))("%s", async (name) => {
  const make = rivalryOf(name) as ReturnType<typeof rivalry>;
  expect(await takesAStep(make())).toBeGreaterThan(0);
});

test("resizing takes a list for a picture in any model: tfjs throws, and it is refused by its name", async () => {
  const x = input({ shape: [6, 5, 3] });
  const resized = layers.resizing({ height: 3, width: 4, name: "small" }).apply(x);
  const small = model({ inputs: x, outputs: resized as SymbolicTensor });
  expect(() => small.predict(zeros([2, 6, 5, 3]))).toThrow("must be rank 3 or 4");
  const compiled = compile(small, { device, loss: "meanSquaredError", optimizer: "sgd" });
  await expect(compiled).rejects.toThrow('layer "small"');
});

test("randomWidth says no width to what comes behind it: tfjs makes no model of it that trains", async () => {
  const x = input({ shape: [6, 5, 3] });
  const wide = layers.randomWidth({ factor: 0.2, name: "wide" }).apply(x) as SymbolicTensor;
  const flat = layers.flatten().apply(wide) as SymbolicTensor;
  expect(() => layers.dense({ units: 2 }).apply(flat)).toThrow("shape");
  const open = model({ inputs: x, outputs: wide });
  const compiled = compile(open, { device, loss: "meanSquaredError", optimizer: "sgd" });
  await expect(compiled).rejects.toThrow('layer "wide"');
});
