/** A loss of all outputs and an input together, beside tfjs's optimizer over the same function. */
import "@tensorflow/tfjs-backend-cpu";
import { adam, compile, type Device } from "@hone/core";
import { RandomStream, wholeLoss } from "@hone/core/internals";
import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { fault } from "../against-tfjs/test/harness.js";
import { drawWeights } from "../against-tfjs/test/models.js";
import { openDevices } from "./test/devices.js";
import { vaeLoss, variationalAutoencoder } from "./vae.js";

const BATCH = 8;
const STEPS = 10;
const HIDDEN = process.env.HONE_SOAK === "1" ? 512 : 48;

interface Batch {
  readonly image: Float32Array;
  readonly epsilon: Float32Array;
}

function batches(): Batch[] {
  const random = new RandomStream(5, 0xae);
  return Array.from({ length: STEPS }, () => ({
    image: Float32Array.from({ length: BATCH * 784 }, () => random.nextFloat() ** 4),
    epsilon: Float32Array.from({ length: BATCH * 2 }, () => random.nextNormal()),
  }));
}

type Record<Name extends string> = Readonly<{ [name in Name]: tf.Tensor }>;

const loss = (
  _labels: object,
  { decoded, mean, logVariance }: Record<"decoded" | "mean" | "logVariance">,
  { image }: Record<"image">,
) => vaeLoss(image, decoded, mean, logVariance);

async function trained(model: LayersModel, device: Device) {
  const session = await compile(model, {
    device,
    loss: wholeLoss(loss as never),
    optimizer: adam(),
    metrics: [],
  });
  const told: number[] = [];
  for (const { image, epsilon } of batches()) {
    const rows = {
      image: { data: image, shape: [BATCH, 784] },
      epsilon: { data: epsilon, shape: [BATCH, 2] },
    };
    told.push((await session.trainOnBatch(rows)).loss);
  }
  const weights = await session.weights();
  session.close();
  return { on: device.info.backend, told, weights };
}

test("fashion-mnist-vae trains as in tfjs", async () => {
  const model = variationalAutoencoder(HIDDEN);
  drawWeights(model, 17, 0.05);
  const found: Awaited<ReturnType<typeof trained>>[] = [];
  for (const device of await openDevices()) {
    found.push(await trained(model, device));
    await device.close();
  }

  const optimizer = tf.train.adam();
  const wanted = batches().map(({ image, epsilon }) => {
    const x = tf.tensor2d(image, [BATCH, 784]);
    const cost = optimizer.minimize(() => {
      const outputs = model.apply([x, tf.tensor2d(epsilon, [BATCH, 2])], { training: true });
      const [decoded, mean, logVariance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
      return vaeLoss(x, decoded, mean, logVariance);
    }, true) as tf.Scalar;
    return cost.dataSync()[0] as number;
  });

  const faults = found.flatMap(({ on, told, weights }) => [
    ...fault(`${on}: loss`, told, wanted),
    ...model.weights.flatMap((weight, at) =>
      fault(`${on}: ${weight.originalName}`, weights[at]?.values ?? [], weight.read().dataSync()),
    ),
  ]);
  expect(faults).toEqual([]);
});
