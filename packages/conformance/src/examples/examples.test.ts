/** The trainable examples of tensorflow/tfjs-examples: ten steps, beside stock tfjs. */
import type { Device } from "@hone/core";
import { RandomStream, sizeOf } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portNames, type Rivalry, stepFaults, type Values } from "../against-tfjs/test/harness.js";
import { drawWeights } from "../against-tfjs/test/models.js";
import { detectionExamples } from "./detection.js";
import type { Example, ExampleColumn } from "./example.js";
import { imageExamples } from "./images.js";
import { tableExamples } from "./tables.js";

const STEPS = 10;
const soak = process.env.HONE_SOAK === "1";

let device: Device;
beforeAll(async () => {
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());

function drawn({ shape, kind, classes = 2 }: ExampleColumn, rows: number, seed: number): Values {
  const random = new RandomStream(seed, 0xe8a);
  const length = rows * sizeOf(shape);
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
    case "one-hot": {
      const [width] = shape as [number];
      const data = new Float32Array(length);
      for (let row = 0; row < rows; row++) data[row * width + random.nextInteger(width)] = 1;
      return { shape, data };
    }
  }
}

function rivalryOf(example: Example): Rivalry {
  const { input, labels, optimizer, loss, metrics, batch } = example;
  const rows = 3 * batch + 1;
  const model = example.model();
  drawWeights(model, 17, 0.05);
  const { inputs, outputs } = portNames(model);
  const chosen = optimizer();
  return {
    model,
    rows,
    x: { [inputs[0] as string]: drawn(input, rows, 1) },
    y: { [outputs[0] as string]: drawn(labels, rows, 2) },
    tfjs: { optimizer: chosen, loss, ...(metrics && { metrics: [...metrics] }) },
    byMean: !/sgd/i.test(typeof chosen === "string" ? chosen : chosen.getClassName()),
    ...(!metrics && { hone: { metrics: [] } }),
  };
}

test.each([...tableExamples, ...imageExamples, ...detectionExamples])(
  "$name trains as in tfjs",
  async (example) => {
    const steps = soak ? STEPS : (example.steps ?? STEPS);
    const rivalry = rivalryOf(example);
    expect(await stepFaults([device], rivalry, { batch: example.batch, steps })).toEqual([]);
  },
);
