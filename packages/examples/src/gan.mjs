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
const NOISE = 64;

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
      dense(128, seed, { inputShape: [NOISE], activation: "relu" }),
      dense(256, seed + 1, { activation: "relu" }),
      dense(PIXELS, seed + 2, { activation: "sigmoid" }),
    ],
  });
const makeDiscriminator = (seed) =>
  sequential({
    layers: [
      dense(128, seed, { inputShape: [PIXELS] }),
      leaky(),
      dense(64, seed + 1),
      leaky(),
      dense(1, seed + 2),
    ],
  });

/** Binary cross-entropy of logits, where all are real (1) or all are not (0). */
const entropy = (logits, real) => tf.softplus(real ? tf.neg(logits) : logits);

/** Trains for `steps` steps each. @returns losses of both, and `samples` pictures [samples, 28 · 28] from 0 to 1 */
export async function trainGan({ device, steps = 2000, seed = 1, samples = 64, log = () => {} }) {
  const { train } = digits({ seed, train: 2000 });
  const [generator, discriminator] = [makeGenerator(seed), makeDiscriminator(seed + 100)];
  const fake = (batch) => generator.apply(randomNormal([batch, NOISE]));
  const gan = await program({
    device,
    seed,
    inputs: { x: [PIXELS] },
    functions: {
      judge: {
        minimize: ({ x }, { batch }) => {
          const [real, drawn] = [discriminator.apply(x), discriminator.apply(fake(batch))];
          return tf.add(
            tf.mul(entropy(real, true), 0.9),
            tf.add(tf.mul(entropy(real, false), 0.1), entropy(drawn, false)),
          );
        },
        variables: discriminator,
        optimizer: adam(2e-4, { beta1: 0.5 }),
      },
      fool: {
        minimize: (_inputs, { batch }) => entropy(discriminator.apply(fake(batch)), true),
        variables: generator,
        optimizer: adam(2e-4, { beta1: 0.5 }),
      },
      draw: { compute: (_inputs, { batch }) => fake(batch) },
    },
  });
  const losses = { judge: [], fool: [] };
  for (let step = 0; step < steps; step++) {
    losses.judge.push((await gan.run("judge", train, { steps: 1, batchSize: 64 })).loss);
    losses.fool.push((await gan.run("fool", {}, { batch: 64 })).loss);
    if (step % 200 === 0) log(`step ${step}: ${losses.judge.at(-1)} ${losses.fool.at(-1)}`);
  }
  const { data } = await gan.run("draw", {}, { batch: samples });
  gan.close();
  return { losses, pictures: data };
}
