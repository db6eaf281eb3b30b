/** The trainable examples of tensorflow/tfjs-examples: ten steps, beside stock tfjs. */
import type { Device } from "@hone/core";
import { RandomStream, sizeOf } from "@hone/core/internals";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portNames, type Rivalry, stepFaults, type Values } from "../against-tfjs/test/harness.js";
import { drawWeights } from "../against-tfjs/test/models.js";
import type { Example, ExampleColumn } from "./example.js";
import { imageExamples } from "./images.js";
import { objectExamples } from "./objects.js";
import { sequenceExamples } from "./sequences.js";
import { tableExamples } from "./tables.js";
import { DEVICE_NAMES, openDevices } from "./test/devices.js";

const STEPS = 10;
/** Of the quick form: it is stock tfjs that takes the time. */
const FEW_STEPS = 4;
const soak = process.env.HONE_SOAK === "1";

let devices: Device[];
beforeAll(async () => {
  devices = await openDevices(DEVICE_NAMES);
});
afterAll(async () => {
  for (const device of devices) await device.close();
});

function drawn({ shape, kind, classes = 2 }: ExampleColumn, rows: number, seed: number): Values {
  const random = new RandomStream(seed, 0xe8a);
  const row = sizeOf(shape);
  const length = rows * row;
  const each = (draw: () => number) => Float32Array.from({ length }, () => draw());
  switch (kind) {
    case "normal":
      return { shape, data: each(() => random.nextNormal()) };
    case "ink":
      return { shape, data: each(() => random.nextFloat() ** 4) };
    case "binary":
      return { shape, data: each(() => random.nextInteger(2)) };
    case "class-index":
      return { shape, data: Int32Array.from({ length }, () => random.nextInteger(classes)) };
    case "padded-text": {
      const data = Int32Array.from({ length }, () => 1 + random.nextInteger(classes - 1));
      for (let start = 0; start < length; start += row) {
        data.fill(0, start + 1 + random.nextInteger(row), start + row);
      }
      return { shape, data };
    }
    case "one-hot": {
      const width = shape.at(-1) as number;
      const data = new Float32Array(length);
      for (let at = 0; at < length; at += width) data[at + random.nextInteger(width)] = 1;
      return { shape, data };
    }
  }
}

function rivalryOf(example: Example): Rivalry {
  const { inputs, labels, optimizer, loss, metrics, batch } = example;
  const rows = 3 * batch + 1;
  const model = example.model();
  drawWeights(model, 17, 0.05);
  const names = portNames(model);
  const named = (ports: readonly string[], columns: readonly ExampleColumn[], seed: number) =>
    Object.fromEntries(
      columns.map((column, at) => [ports[at] as string, drawn(column, rows, seed + 16 * at)]),
    );
  const chosen = optimizer();
  return {
    model,
    rows,
    x: named(names.inputs, inputs, 1),
    y: named(names.outputs, labels, 2),
    tfjs: { optimizer: chosen, loss, ...(metrics && { metrics: [...metrics] }) },
    byMean: !/sgd/i.test(typeof chosen === "string" ? chosen : chosen.getClassName()),
    ...(!metrics && { hone: { metrics: [] } }),
  };
}

test.each([...tableExamples, ...imageExamples, ...sequenceExamples, ...objectExamples])(
  "$name trains as in tfjs",
  async (example) => {
    const steps = soak ? STEPS : Math.min(FEW_STEPS, example.steps ?? STEPS);
    const rivalry = rivalryOf(example);
    const those = devices.filter(
      ({ info }) =>
        soak || info.backend === "wasm" || (example.webgpu && info.backend === "webgpu"),
    );
    expect(await stepFaults(those, rivalry, { batch: example.batch, steps })).toEqual([]);
  },
);
