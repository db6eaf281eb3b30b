/**
 * Trains the head of a MobileNet whose front is frozen, and prints one JSON object with the seconds of it all: the first
 * reply is from a model and tensors that are there. `tfjs-features` is what people write by hand with tfjs: the front's
 * results first, then a head of its own over them.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { adam, compile } from "@hone/core";
import { RandomStream } from "@hone/core/data";
import { mobilenet } from "@hone/core/models";
import { dataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "hone" },
    pictures: { type: "string", default: "1000" },
    size: { type: "string", default: "96" },
    alpha: { type: "string", default: "0.25" },
    epochs: { type: "string", default: "20" },
    threads: { type: "string", default: "1" },
  },
});
const [pictures, size, alpha, epochs] = ["pictures", "size", "alpha", "epochs"].map((name) =>
  Number(values[name]),
);
const [batchSize, classes] = [32, 5];
const loss = "sparseCategoricalCrossentropy";

/** Pictures of a class differ in their mean, so that there is something to learn. */
function rows() {
  const random = new RandomStream(1, 1);
  const y = new Uint8Array(pictures).map((_, row) => row % classes);
  const each = size * size * 3;
  const x = new Uint8Array(pictures * each).map((_, at) =>
    Math.min(255, random.nextInteger(200) + 12 * y[Math.floor(at / each)]),
  );
  return { x, y };
}

async function withHone({ x, y }) {
  const model = mobilenet({ size, alpha, classes, frozen: true, seed: 1 });
  const data = await dataset({
    x: { data: x, shape: [pictures, size, size, 3], scale: 1 / 255 },
    y,
  });
  const device = await wasm({ threads: Number(values.threads) }).open();
  const began = performance.now();
  const session = await compile(model, { device, optimizer: adam(1e-3), loss, seed: 1 });
  const { history } = await session.fit(data, { epochs, batchSize });
  const seconds = (performance.now() - began) / 1000;
  await device.close();
  return { seconds, losses: history.loss };
}

async function withTfjs({ x, y }) {
  // Late: a backend of tfjs that is there, and not begun, would stand in the way of models that need none.
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const folder = path.dirname(
    new URL(import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname,
  );
  setWasmPaths(`${folder}/`);
  await tf.setBackend("wasm");
  tf.enableProdMode();
  const whole = mobilenet({ size, alpha, classes, frozen: true, seed: 1 });
  const images = tf.tidy(() =>
    tf.mul(tf.tensor(Float32Array.from(x), [pictures, size, size, 3]), 1 / 255),
  );
  const labels = tf.tensor(Float32Array.from(y), [pictures, 1]);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
  const trained = async (model, inputs) => {
    model.compile({ optimizer, loss });
    const settings = { epochs, batchSize, verbose: 0, yieldEvery: "never" };
    return (await model.fit(inputs, labels, settings)).history.loss;
  };
  const began = performance.now();
  const losses =
    values.engine === "tfjs"
      ? await trained(whole, images)
      : await trained(...featuresOf(whole, images));
  return { seconds: (performance.now() - began) / 1000, losses };
}

function featuresOf(whole, images) {
  const pooled = whole.layers.find(
    (layer) => layer.getClassName() === "GlobalAveragePooling2D",
  ).output;
  const front = tfl.model({ inputs: whole.inputs, outputs: pooled });
  const features = front.predict(images, { batchSize });
  const head = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: classes,
        activation: "softmax",
        inputShape: pooled.shape.slice(1),
      }),
    ],
  });
  return [head, features];
}

const engines = { hone: withHone, tfjs: withTfjs, "tfjs-features": withTfjs };

try {
  const train = engines[values.engine];
  if (!train) {
    const known = Object.keys(engines).join(", ");
    throw new Error(`[rival] frozen-head: there is no engine ${values.engine}. Give ${known}.`);
  }
  const result = await train(rows());
  console.log(JSON.stringify({ engine: values.engine, pictures, size, alpha, epochs, ...result }));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
