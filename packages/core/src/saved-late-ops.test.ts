/** What few models have comes by what a trace asks for, or by what a file names: layers alike with and without tfjs. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { compile } from "./compile.js";
import { sgd } from "./graph/optimizer.js";
import type { Session } from "./run/session.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const glorot = (seed: number) => layers.initializers.glorotUniform({ seed });
const dense = (units: number) =>
  layers.layers.dense({ units, activation: "softmax", kernelInitializer: glorot(9) });
const recurrent = { units: 5, kernelInitializer: glorot(2), recurrentInitializer: glorot(3) };
const image = { kernelInitializer: glorot(4), depthwiseInitializer: glorot(5) };

/** Ops of each model that no page has from the start. */
const MODELS: Readonly<Record<string, () => layers.layers.Layer[]>> = {
  "LSTM and Gather": () => [
    layers.layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 6 }),
    layers.layers.lstm(recurrent),
  ],
  GRU: () => [layers.layers.gru({ ...recurrent, inputShape: [6, 2] })],
  SimpleRNN: () => [layers.layers.simpleRNN({ ...recurrent, inputShape: [6, 2] })],
  DepthwiseConv2dNative: () => [
    layers.layers.depthwiseConv2d({ ...image, kernelSize: 3, inputShape: [6, 6, 2] }),
    layers.layers.flatten(),
  ],
  Conv2DBackpropInput: () => [
    layers.layers.conv2dTranspose({ ...image, filters: 2, kernelSize: 3, inputShape: [4, 4, 2] }),
    layers.layers.flatten(),
  ],
};

const ROWS = 4;

function dataFor(model: layers.Sequential) {
  const [, ...row] = model.inputs.flatMap(({ shape }) => shape as number[]);
  const length = row.reduce((product, extent) => product * extent, ROWS);
  const x = Float32Array.from({ length }, (_, at) => (7 * at) % 10);
  return { x, y: Int32Array.from({ length: ROWS }, (_, at) => at % 3) };
}

async function trained(
  session: Pick<Session, "trainOnBatch" | "predict">,
  data: { x: Float32Array; y: Int32Array },
) {
  const { loss } = await session.trainOnBatch(data.x, data.y);
  return { loss, outputs: [...(await session.predict(data.x)).data] };
}

describe.each(Object.entries(MODELS))("a model with %s", (_ops, made) => {
  test("is saved, and opened by a page that has met none of its ops it predicts and learns alike", async () => {
    const model = layers.sequential({ layers: [...made(), dense(3)] });
    const device = await cpu({ worker: false }).open();
    const session = await compile(model, {
      device,
      optimizer: sgd(0.1),
      loss: "sparseCategoricalCrossentropy",
    });
    const data = dataFor(model);
    const before = [...(await session.predict(data.x)).data];
    const bytes = await session.save();
    const expected = await trained(session, data);

    vi.resetModules();
    const runtime = await import("./runtime.js");
    const saved = await runtime.openModel(bytes);
    const opened = await runtime.compile(saved, { device });
    expect([...(await opened.predict(data.x)).data]).toEqual(before);
    expect(await trained(opened, data)).toEqual(expected);
    expect(expected.outputs).not.toEqual(before);

    // Plain data, as another thread may send it: nothing was opened here.
    vi.resetModules();
    const elsewhere = await import("./runtime.js");
    const sent = await elsewhere.compile(saved, { device });
    expect([...(await sent.predict(data.x)).data]).toEqual(before);
    await device.close();
  });
});
