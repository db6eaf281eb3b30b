/** What is loaded of the tracer, by what models are made of; parts only ever come, so the order of these tests is theirs. */
import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import { captureWhole } from "../capture.js";
import { cnn } from "../models/index.js";
import { LATE, partsOf } from "./late-parts.js";
import { Calls } from "./test/custom-layers.js";
import { traceModel } from "./trace-model.js";

const { layers, sequential } = tfl;
const inputShape = [4];
const loss = "meanSquaredError";

afterEach(() => tfc.disposeVariables());

const opsOf = async (model: tfl.LayersModel, options: object = { loss }) => {
  const { traced } = await captureWhole(model, options);
  return traced.training.two.graph.nodes.map(({ op }) => op);
};

/** A layer that has `inner`, of which the model knows nothing. */
const hiding = (inner: tfl.layers.Layer) =>
  sequential({
    layers: [
      layers.inputLayer({ inputShape }),
      new Calls((x) => inner.apply(x, { training: true }) as tfc.Tensor),
      layers.dense({ units: 2 }),
    ],
  });

test("the study's CNN needs no further part", async () => {
  expect(await opsOf(cnn({ seed: 7 }), {})).toContain("Conv2D");
  expect(LATE.count).toBe(0);
});

test("a trace by hand refuses what is not loaded, and never takes it for something else", () => {
  const model = sequential({ layers: [layers.dropout({ rate: 0.5, inputShape })] });
  expect(partsOf(model)).toBe(1);
  expect(() => traceModel(model)).toThrow(/is of a class that is not loaded/);
  expect(() => traceModel(hiding(layers.dropout({ rate: 0.5 })))).toThrow(/not loaded/);
  const whole = { what: "loss function", output: "dense", call: () => undefined };
  const dense = sequential({ layers: [layers.dense({ units: 2, inputShape })] });
  expect(() => traceModel(dense, { functions: [whole] })).toThrow(/functions, which is not loaded/);
});

test("a layer that another one hides brings its part", async () => {
  expect(await opsOf(hiding(layers.dropout({ rate: 0.5 })))).toContain("Dropout");
  expect(LATE.count).toBe(1);
});

test("recurrent layers are told by their cells, also within wrappers", async () => {
  const lstm = layers.lstm({ units: 2, recurrentInitializer: "glorotUniform" }) as tfl.RNN;
  const wrapped = layers.bidirectional({ layer: lstm, mergeMode: "concat", inputShape: [3, 2] });
  expect(partsOf(sequential({ layers: [wrapped] }))).toBe(2);
  const timed = layers.timeDistributed({ layer: layers.dense({ units: 2 }), inputShape: [3, 2] });
  expect(partsOf(sequential({ layers: [timed] }))).toBe(0);
});

test("a kernel that few models use brings the last part", async () => {
  const model = sequential({
    layers: [layers.inputLayer({ inputShape }), new Calls((x) => tfc.cumsum(x, 1))],
  });
  await opsOf(model);
  expect(LATE.count).toBe(2);
});
