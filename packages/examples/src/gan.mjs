/**
 * A generative adversarial network on drawn digits, by `program`: two networks, two optimizers, and noise that is drawn
 * on the device, so that a step needs nothing from the host.
 */
import { adam, program, randomNormal } from "@hone/core";
import { digits } from "@hone/data";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";

const PIXELS = 28 * 28;
const NOISE = 32;

const dense = (units, seed, options) =>
  layers.dense({
    units,
    kernelInitializer: { className: "GlorotUniform", config: { seed } },
    ...options,
  });
const leaky = () => layers.leakyReLU({ alpha: 0.2 });

const makeGenerator = (seed) =>
  sequential({
    layers: [
      ...[dense(256, seed, { inputShape: [NOISE] }), layers.batchNormalization(), leaky()],
      ...[dense(256, seed + 1), layers.batchNormalization(), leaky()],
      dense(PIXELS, seed + 2, { activation: "sigmoid" }),
    ],
  });
const makeDiscriminator = (seed) =>
  sequential({
    layers: [
      ...[dense(256, seed, { inputShape: [PIXELS] }), leaky(), layers.dropout({ rate: 0.3 })],
      ...[dense(128, seed + 1), leaky(), layers.dropout({ rate: 0.3 })],
      dense(1, seed + 2),
    ],
  });

/** Trains for `steps` steps each. @returns losses of both, and `samples` pictures [samples, 28 · 28] from 0 to 1 */
export async function trainGan({ device, steps = 2000, seed = 1, samples = 64 }) {
  const { train } = await digits({ seed, train: 2000 });
  const [generator, discriminator] = [makeGenerator(seed), makeDiscriminator(seed + 3)];
  const training = { training: true };
  const fake = (batch) => generator.apply(randomNormal([batch, NOISE]), training);
  const judged = (pictures) => discriminator.apply(pictures, training);
  const gan = await program({
    device,
    seed,
    inputs: { x: [PIXELS] },
    functions: {
      judge: {
        minimize: ({ x }, { batch }) =>
          tf.add(tf.softplus(tf.neg(judged(x))), tf.softplus(judged(fake(batch)))),
        variables: discriminator,
        optimizer: adam(2e-4, { beta1: 0.5 }),
      },
      fool: {
        minimize: (_inputs, { batch }) => tf.softplus(tf.neg(judged(fake(batch)))),
        variables: generator,
        optimizer: adam(1e-3, { beta1: 0.5 }),
      },
      draw: { compute: (_inputs, { batch }) => fake(batch) },
    },
  });
  const losses = { judge: [], fool: [] };
  for (let step = 0; step < steps; step++) {
    losses.judge.push((await gan.run("judge", train, { steps: 1, batchSize: 64 })).loss);
    losses.fool.push((await gan.run("fool", {}, { batch: 64 })).loss);
  }
  const { data } = await gan.run("draw", {}, { batch: samples });
  gan.close();
  return { losses, pictures: data };
}
