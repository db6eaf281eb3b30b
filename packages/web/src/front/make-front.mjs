/**
 * Makes front.bin and front.json: the weights of the Teach view's front in 8 bits, trained with Hone on MNIST,
 * Fashion-MNIST, figures and textures, and the mean and deviation of each of its features.
 * Usage, from the repository's root: npm run build && HONE_DATA=… node packages/web/src/front/make-front.mjs
 */
import { writeFileSync } from "node:fs";
import "@tensorflow/tfjs-backend-cpu";
import { adam, compile, HOST_STREAMS, RandomStream } from "@hone/core";
import { dataset, fashionMnist, mnist } from "@hone/data";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import { bare, lesson } from "./front-model.mjs";
import { drawPictures, SIZE } from "./front-pictures.mjs";
import { packed, scaling, unpacked } from "./pack-front.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const ROWS = Number(process.env.ROWS ?? 5000);
const EPOCHS = 4;

await tf.setBackend("cpu");
const [digits, garments] = await Promise.all([mnist(), fashionMnist()]);
const random = new RandomStream(21, HOST_STREAMS.initialize);

async function drawn(split, rows) {
  const sources = { digits: digits[split], garments: garments[split] };
  const { x, what, colours } = await drawPictures(random, sources, rows);
  return dataset({
    x: { data: x, shape: [rows, SIZE, SIZE, 3], scale: 1 / 255 },
    y: { what, colours: { data: colours, shape: [rows, 6] } },
  });
}

const device = await wasm().open();
const { model, blocks } = lesson();
const session = await compile(model, {
  device,
  optimizer: adam(3e-3, { clipNorm: 1 }),
  loss: { what: "sparseCategoricalCrossentropy", colours: "meanSquaredError" },
  lossWeights: { colours: 4 },
  metrics: { what: "acc" },
  seed: 21,
});
for (let round = 0; round < ROUNDS; round++) {
  const data = await drawn("train", ROWS);
  const learningRate = 3e-3 * 0.5 * (1 + Math.cos((Math.PI * round) / ROUNDS)) + 2e-5;
  const { history } = await session.fit(data, { epochs: EPOCHS, batchSize: 32, learningRate });
  session.release(data);
  console.log(`round ${round + 1}: ${JSON.stringify(history)}`);
}
console.log("on pictures never seen:", (await session.evaluate(await drawn("test", 2000))).figures);
await session.writeBack(model);

const known = bare();
for (const [at, { convolution, normalization }] of blocks.entries()) {
  const [kernel] = convolution.getWeights();
  const [gamma, beta, mean, variance] = normalization.getWeights();
  const factor = tf.div(gamma, tf.sqrt(tf.add(variance, normalization.getConfig().epsilon)));
  const bias = tf.sub(beta, tf.mul(mean, factor));
  known.convolutions[at].setWeights([tf.mul(kernel, factor), bias]);
}
const tensors = known.convolutions.flatMap((layer) => layer.getWeights());
const { weights, bytes } = packed(tensors);
const rounded = unpacked(weights, bytes).map((values, at) => tf.tensor(values, tensors[at].shape));
for (const [at, layer] of known.convolutions.entries()) {
  layer.setWeights(rounded.slice(2 * at, 2 * at + 2));
}
const seen = await compile(known.model, { device, optimizer: "sgd", loss: "meanSquaredError" });
const { x } = (await drawn("train", 1500)).columns;
const { data: features, shape } = await seen.predict(
  Float32Array.from(x.data, (value) => value / 255),
);
const header = JSON.stringify({ weights, ...scaling(features, shape[1]) });
const folder = new URL(".", import.meta.url);
writeFileSync(new URL("front.json", folder), `${header}\n`);
writeFileSync(new URL("front.bin", folder), bytes);
console.log(`${bytes.length} bytes of weights, ${header.length} beside them`);
await device.close();
