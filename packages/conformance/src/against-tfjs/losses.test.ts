/** Every loss that tfjs has, through `compile` and `trainOnBatch`, beside stock tfjs. */
import type { Device } from "@hone/core";
import type { LossName } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stepFaults } from "./test/harness.js";
import { lossRivalry, matching, OTHER, TFJS_LOSSES } from "./test/loss-rivalries.js";

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

describe.each(TFJS_LOSSES)("20 steps towards %s are tfjs's", (name) => {
  test.each([matching(name), OTHER])("behind %s", async (activation) => {
    expect(await stepFaults(devices, lossRivalry([name, activation]))).toEqual([]);
  });

  const next = TFJS_LOSSES[(TFJS_LOSSES.indexOf(name) + 1) % TFJS_LOSSES.length] as LossName;
  test.each([
    [matching(name), matching(next)],
    [OTHER, OTHER],
  ])(`behind %s, beside an output of ${next} behind %s`, async (left, right) => {
    const rivalry = lossRivalry([name, left], [next, right]);
    expect(await stepFaults(devices, rivalry)).toEqual([]);
  });
});
