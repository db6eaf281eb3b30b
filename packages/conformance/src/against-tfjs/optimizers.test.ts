/** Every optimizer of tf.train, given as tfjs's object and by Hone's constructor, beside stock tfjs. */
import { type Device, sgd } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { train } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitFaults, stepFaults } from "./test/harness.js";
import { type Constructor, constructorOf, rivalryOf, SETTINGS } from "./test/optimizers.js";

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

describe.each(Object.entries(SETTINGS))("20 steps of %s are tfjs's", (_, setting) => {
  const [name, ...given] = setting.hone;
  const construct = constructorOf(name);

  test.skipIf(!construct)("by tfjs's object", async () => {
    expect(await stepFaults(devices, rivalryOf(setting.tfjs()))).toEqual([]);
  });

  test.skipIf(!construct)("by Hone's constructor, in fit", async () => {
    const known = rivalryOf(setting.tfjs());
    const optimizer = (construct as Constructor)(...given);
    expect(
      await fitFaults(devices, { ...known, hone: { metrics: [], optimizer }, epochs: 4 }),
    ).toEqual([]);
  });
});

test("a learning rate that is half a percent off is found out", async () => {
  const known = rivalryOf(train.sgd(0.1));
  const faults = await stepFaults(devices.slice(0, 1), {
    ...known,
    hone: { metrics: [], optimizer: sgd(0.1005) },
  });
  expect(faults.join()).toMatch(/^cpu: loss: .* apart/);
});
