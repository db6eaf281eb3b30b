/** Random networks of several inputs and outputs in `fit`, beside stock tfjs. */
import type { Device } from "@hone/core";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fitFaults } from "./test/harness.js";
import { randomRivalry } from "./test/random-rivalry.js";

const MODELS = process.env.HONE_SOAK === "1" ? 200 : 20;

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

test.each(Array.from({ length: MODELS }, (_, seed) => seed))(
  "random network %i trains as in tfjs",
  async (seed) => {
    const rivalry = randomRivalry(seed);
    expect(await fitFaults(devices, rivalry), rivalry.description).toEqual([]);
  },
);
