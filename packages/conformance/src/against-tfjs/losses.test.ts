/** Every loss that tfjs has, through `compile` and `trainOnBatch`, beside stock tfjs. */
import type { Device } from "@hone/core";
import { LOSS_NAMES, type LossName, labelKind, lossOf, type NamedLoss } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { train } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stepFaults } from "./test/harness.js";
import { type Activation, featureRows, labelRows, smallNetwork } from "./test/models.js";

const TFJS_LOSSES = LOSS_NAMES.slice(0, 14);
const ROWS = 40;
const UNITS = 3;

let devices: Device[];
beforeAll(async () => {
  devices = [await cpu({ worker: false }).open(), await wasm({ threads: 1 }).open()];
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

/** What usually ends a model with this loss. */
function matching(name: LossName): Activation {
  switch (labelKind(lossOf(name) as NamedLoss)) {
    case "class-index":
    case "one-hot":
    case "distribution":
      return name === "categoricalHinge" ? "linear" : "softmax";
    case "binary":
      return "sigmoid";
    case "sign":
      return "tanh";
    case "number":
      return name === "poisson" ? "softplus" : "linear";
  }
}

/** One that the loss was not made for. */
const OTHER: Activation = "relu";

/** Percentages are a hundred times as large. */
const rateOf = (names: readonly LossName[]) =>
  names.includes("meanAbsolutePercentageError") ? 1e-3 : 0.05;

describe.each(TFJS_LOSSES)("20 steps towards %s are tfjs's", (name) => {
  test.each([matching(name), OTHER])("behind %s", async (activation) => {
    const rivalry = {
      model: smallNetwork({ out: { units: UNITS, activation } }),
      rows: ROWS,
      x: featureRows(ROWS),
      y: { out: labelRows(name, ROWS, UNITS) },
      tfjs: { optimizer: train.sgd(rateOf([name])), loss: name },
      hone: { metrics: [] },
    };
    expect(await stepFaults(devices, rivalry)).toEqual([]);
  });

  const next = TFJS_LOSSES[(TFJS_LOSSES.indexOf(name) + 1) % TFJS_LOSSES.length] as LossName;
  test.each([
    [matching(name), matching(next)],
    [OTHER, OTHER],
  ])(`behind %s, beside an output of ${next} behind %s`, async (left, right) => {
    const rivalry = {
      model: smallNetwork({
        left: { units: UNITS, activation: left },
        right: { units: UNITS + 1, activation: right },
      }),
      rows: ROWS,
      x: featureRows(ROWS),
      y: { left: labelRows(name, ROWS, UNITS), right: labelRows(next, ROWS, UNITS + 1, 32) },
      tfjs: {
        optimizer: train.sgd(rateOf([name, next])),
        loss: { left: name, right: next },
      },
      hone: { metrics: [] },
    };
    expect(await stepFaults(devices, rivalry)).toEqual([]);
  });
});
