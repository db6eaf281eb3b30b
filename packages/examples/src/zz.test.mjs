import { writeFileSync } from "node:fs";
import { adam, program, randomNormal } from "@hone/core";
import { digits } from "@hone/data";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { encode } from "fast-png";
import "@tensorflow/tfjs-backend-cpu";
import { test } from "vitest";
const PIXELS = 784;
const dense = (units, seed, options) => layers.dense({ units, kernelInitializer: { className: "GlorotUniform", config: { seed } }, ...options });
async function run(device, name, { lrG, lrD, noise, out, hinge, drop, bn }) {
  const { train } = digits({ seed: 1, train: 2000 });
  const g = sequential({ layers: [dense(256, 1, { inputShape: [noise] }), ...(bn ? [layers.batchNormalization({})] : []), layers.leakyReLU({ alpha: 0.2 }), dense(256, 2), ...(bn ? [layers.batchNormalization({})] : []), layers.leakyReLU({ alpha: 0.2 }), dense(PIXELS, 3, { activation: out })] });
  const d = sequential({ layers: [dense(256, 5, { inputShape: [PIXELS] }), layers.leakyReLU({ alpha: 0.2 }), ...(drop ? [layers.dropout({ rate: drop })] : []), dense(128, 6), layers.leakyReLU({ alpha: 0.2 }), ...(drop ? [layers.dropout({ rate: drop })] : []), dense(1, 7)] });
  const fake = (batch) => g.apply(randomNormal([batch, noise]), { training: true });
  const D = (x) => d.apply(x, { training: true });
  const prep = (x) => (out === "tanh" ? tf.sub(tf.mul(x, 2), 1) : x);
  const gan = await program({ device, seed: 1, inputs: { x: [PIXELS] }, functions: {
    judge: { minimize: ({ x }, { batch }) => { const [r, f] = [D(prep(x)), D(fake(batch))]; return hinge ? tf.add(tf.relu(tf.sub(1, r)), tf.relu(tf.add(1, f))) : tf.add(tf.softplus(tf.neg(r)), tf.softplus(f)); }, variables: d, optimizer: adam(lrD, { beta1: 0.5 }) },
    fool: { minimize: (_i, { batch }) => { const f = D(fake(batch)); return hinge ? tf.neg(f) : tf.softplus(tf.neg(f)); }, variables: g, optimizer: adam(lrG, { beta1: 0.5 }) },
    draw: { compute: (_i, { batch }) => fake(batch) } } });
  const t = performance.now();
  let a, b;
  for (let step = 0; step < 2000; step++) { a = await gan.run("judge", train, { steps: 1, batchSize: 64 }); b = await gan.run("fool", {}, { batch: 64 }); if (step % 500 === 0) console.log(name, step, a.loss, b.loss); }
  const { data: pictures } = await gan.run("draw", {}, { batch: 64 });
  const data = new Uint8Array(224 * 224);
  for (let s = 0; s < 64; s++) for (let p = 0; p < 784; p++) { const v = pictures[s * 784 + p]; data[(Math.floor(s / 8) * 28 + Math.floor(p / 28)) * 224 + (s % 8) * 28 + (p % 28)] = Math.round(255 * (out === "tanh" ? (v + 1) / 2 : v)); }
  writeFileSync(`/tmp/gan-${name}.png`, encode({ width: 224, height: 224, data, channels: 1 }));
  console.log(name, a.loss, b.loss, Math.round(performance.now() - t), "ms");
  gan.close();
}
test("gan", async () => {
  const device = await wasm().open();
  await run(device, "a", { lrG: 1e-3, lrD: 2e-4, noise: 32, out: "tanh", drop: 0.3 });
  await run(device, "b", { lrG: 1e-3, lrD: 2e-4, noise: 32, out: "sigmoid", drop: 0.3, bn: true });
  await run(device, "c", { lrG: 5e-4, lrD: 5e-4, noise: 32, out: "tanh", hinge: true, bn: true });
  await device.close();
}, 600000);
