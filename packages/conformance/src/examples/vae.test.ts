/** A loss of all outputs and an input together, beside tfjs's optimizer over the same function. */
import "@tensorflow/tfjs-backend-cpu";
import { adam, compile } from "@hone/core";
import { RandomStream, wholeLoss } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { fault } from "../against-tfjs/test/harness.js";
import { drawWeights } from "../against-tfjs/test/models.js";
import { vaeLoss, variationalAutoencoder } from "./vae.js";

const BATCH = 8;
const STEPS = 10;

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

test("fashion-mnist-vae trains as in tfjs", async () => {
  const model = variationalAutoencoder();
  drawWeights(model, 17, 0.05);
  const device = await cpu({ worker: false }).open();
  const loss = (
    _labels: object,
    { decoded, mean, logVariance }: Record<"decoded" | "mean" | "logVariance">,
    { image }: Record<"image">,
  ) => vaeLoss(image, decoded, mean, logVariance);
  const session = await compile(model, {
    device,
    loss: wholeLoss(loss as never),
    optimizer: adam(),
    metrics: [],
  });
  const found: number[] = [];
  for (const { image, epsilon } of batches()) {
    const rows = {
      image: { data: image, shape: [BATCH, 784] },
      epsilon: { data: epsilon, shape: [BATCH, 2] },
    };
    found.push((await session.trainOnBatch(rows)).loss);
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

  const weights = await session.weights();
  const faults = model.weights.flatMap((weight, at) =>
    fault(weight.originalName, weights[at]?.values ?? [], weight.read().dataSync()),
  );
  expect([...fault("loss", found, wanted), ...faults]).toEqual([]);
  await device.close();
});
