/** Every optimizer of tf.train, given as tfjs's object and by Hone's constructor, beside stock tfjs. */
import { type Device, sgd } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { train } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitFaults, stepFaults } from "./test/harness.js";
import { honeOptimizer, rivalryOf, SETTINGS } from "./test/optimizers.js";

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

describe.each(Object.entries(SETTINGS))("20 steps of %s are tfjs's", (_, setting) => {
  test("by tfjs's object", async () => {
    expect(await stepFaults(devices, rivalryOf(setting.tfjs()))).toEqual([]);
  });

  test("by Hone's constructor, in fit", async () => {
    const optimizer = honeOptimizer(setting);
    const known = rivalryOf(setting.tfjs());
    const rivalry = { ...known, hone: { metrics: [], optimizer }, epochs: 4 };
    expect(await fitFaults(devices, rivalry)).toEqual([]);
  });
});

test.each(["sgd", "adagrad", "adadelta", "adam", "adamax", "rmsprop"])(
  "the name %s means what it means to model.compile",
  async (name) => {
    const rivalry = rivalryOf(name);
    expect(await stepFaults(devices, rivalry)).toEqual([]);
    const told = { ...rivalryOf(name), hone: { metrics: [], optimizer: name } };
    expect(await stepFaults(devices, told)).toEqual([]);
  },
);

test("a learning rate that is half a percent off is found out", async () => {
  const known = rivalryOf(train.sgd(0.1));
  const faults = await stepFaults(devices.slice(0, 1), {
    ...known,
    hone: { metrics: [], optimizer: sgd(0.1005) },
  });
  expect(faults.join()).toMatch(/^cpu: loss: .* apart/);
});
