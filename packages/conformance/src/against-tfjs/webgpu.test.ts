/** On webgpu: the losses and the optimizers of tfjs, in steps, beside stock tfjs. */
import type { Device } from "@hone/core";
import { webgpu } from "@hone/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stepFaults } from "./test/harness.js";
import { lossRivalry, matching, OTHER, TFJS_LOSSES } from "./test/loss-rivalries.js";
import { rivalryOf, SETTINGS } from "./test/optimizers.js";

let device: Device;
beforeAll(async () => {
  device = await webgpu().open();
});
afterAll(() => device.close());

test.each(TFJS_LOSSES)("5 steps towards %s are tfjs's, of one output and of two", async (name) => {
  const alone = lossRivalry([name, matching(name)]);
  const beside = lossRivalry([name, OTHER], ["meanSquaredError", "linear"]);
  for (const rivalry of [alone, beside]) {
    expect(await stepFaults([device], rivalry, { steps: 5 })).toEqual([]);
  }
});

test.each(Object.entries(SETTINGS))("20 steps of %s are tfjs's", async (_, { tfjs }) => {
  expect(await stepFaults([device], rivalryOf(tfjs()))).toEqual([]);
});
