/** Every layer of tfjs-layers, one at a time, trained beside stock tfjs for twenty steps. */
import type { Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stepFaults } from "./test/harness.js";
import { layerRivalries } from "./test/layer-rivalries.js";

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

test.each(Object.keys(layerRivalries))("%s", async (name) => {
  const { steps = 20, ...rivalry } = layerRivalries[name]?.() ?? {};
  expect(await stepFaults(devices, rivalry as never, { batch: 4, steps })).toEqual([]);
});
