/** Options that nobody knows, or that are not what they must be. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { sgd } from "../graph/optimizer.js";
import { takeRows } from "./dataset.js";
import type { TrainOptions } from "./fit-options.js";
import { constantRate, stepDecay } from "./schedule-makers.js";
import { Session } from "./session.js";
import { tinyData, tinyParts } from "./test/tiny-model.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

const data = tinyData(40);

test.each<[object, RegExp]>([
  [{ epoch: 3 }, /there is no option "epoch"\. Hone, as tfjs, calls it `epochs`/],
  [{ callbacks: {} }, /there is no option "callbacks"\. Use `onRecord`/],
  [{ batchsize: 3 }, /there is no option "batchsize"\. Did you mean "batchSize"\?/],
  [{ colour: 3 }, /there is no option "colour"\. Did you mean one of epochs, batchSize/],
  [{ verbose: 1 }, /Hone prints nothing by itself/],
  [{ earlyStopping: 5 }, /earlyStopping is 5\. Give true, or \{ monitor, patience, minDelta \}/],
  [{ earlyStopping: { patients: 5 } }, /early stopping: .*"patients"\. Did you mean "patience"/],
  [{ progressMs: Number.NaN }, /progressMs is NaN/],
  [{ progressMs: -1 }, /progressMs is -1/],
  [{ shuffle: "no" }, /shuffle is "no"\. Give true or false/],
  [{ learningRate: "0.1" }, /learningRate is "0\.1"/],
  [{ learningRate: {} }, /learningRate: a schedule is an object\. Give a number, or one of/],
  [{ learningRate: { kind: "cosine", start: 1, steps: -1 } }, /cosineDecay: steps is -1/],
  [{ validation: 0.2, validationSplit: 0.2 }, /validation is given in several ways/],
  [{ toString: 1 }, /there is no option "toString"/],
])("fit refuses %o by name before anything runs", async (options, words) => {
  const session = new Session(tinyParts(device));
  await expect(session.fit(data, options as never)).rejects.toThrow(words);
  expect(session.step).toBe(0);
  session.close();
});

test("a schedule, also one that was JSON, trains as the function it means", async () => {
  const trained = async (options: Pick<TrainOptions, "learningRate">) => {
    const session = new Session(tinyParts(device, { optimizer: sgd(0.1) }));
    const { history } = await session.fit(data, { epochs: 3, batchSize: 8, ...options });
    session.close();
    return history.loss;
  };
  const schedule = stepDecay({ start: 0.2, factor: 0.5, epochs: 1 });
  const halved = (step: number, stepsPerEpoch: number) =>
    0.2 / 2 ** Math.floor(step / stepsPerEpoch);
  const wanted = await trained({ learningRate: halved });
  expect(await trained({ learningRate: schedule })).toEqual(wanted);
  expect(await trained({ learningRate: JSON.parse(JSON.stringify(schedule)) })).toEqual(wanted);
  expect(await trained({ learningRate: constantRate(0.1) })).toEqual(await trained({}));
});

test("tfjs's validationSplit and validationData are taken as what they are", async () => {
  const of = async (options: object) => {
    const session = new Session(tinyParts(device, { optimizer: sgd(0.1) }));
    const { history } = await session.fit(data, { epochs: 2, batchSize: 8, ...options });
    session.close();
    return history;
  };
  const wanted = await of({ validation: 0.25 });
  expect(wanted.val_loss).toHaveLength(2);
  expect(await of({ validationSplit: 0.25 })).toEqual(wanted);
  const apart = takeRows(data, 0, 12);
  expect(await of({ validationData: apart })).toEqual(await of({ validation: apart }));
  expect(await of({ validationSplit: 0 })).not.toHaveProperty("val_loss");
});

test("compile, evaluate, trainOnBatch and explain refuse options they do not have", async () => {
  const model = sequential({
    layers: [layers.dense({ inputShape: [4], units: 3, activation: "softmax" })],
  });
  for (const [options, words] of [
    [{ optimiser: sgd(0.1) }, /compile: there is no option "optimiser"\. Did you mean "optimizer"/],
    [{ learningRate: 0.1 }, /"learningRate"\. Give it to the optimizer/],
    [{ latency: 1 }, /latency is 1\. Give true or false/],
  ] as const) {
    await expect(compile(model, { device, ...options } as never)).rejects.toThrow(words);
  }
  const session = new Session(tinyParts(device));
  const { x, y } = data.columns;
  await expect(session.evaluate(data, { steps: 3 } as never)).rejects.toThrow(
    /evaluate: there is no option "steps"\. Give a smaller data set/,
  );
  await expect(session.trainOnBatch(x.data, y.data, { epochs: 1 } as never)).rejects.toThrow(
    /trainOnBatch: there is no option "epochs"/,
  );
  await expect(session.explain({ batch: 3 } as never)).rejects.toThrow(
    /explain: there is no option "batch"/,
  );
  session.close();
});
