/**
 * A checkpointed run of its own process, to be killed: `node killed-run.mjs WHAT BACKEND STORE`. It goes on from what it
 * finds in STORE, and ends by printing what it came to as one line of JSON.
 */
import { createHash } from "node:crypto";
import { adam, compile, oneCycle, program, RandomStream, randomNormal } from "@hone/core";
import { cpu } from "@hone/cpu";
import { checkpointFolder, openDataset } from "@hone/data";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { initializers, layers, sequential } from "@tensorflow/tfjs-layers";

const [what, backendName, folder] = process.argv.slice(2);
const [kind, threads] = backendName.split(":");
const backends = { cpu: () => cpu(), wasm: () => wasm({ threads: Number(threads) }), webgpu };
await tf.setBackend("cpu");
const device = await backends[kind]().open();
const store = checkpointFolder(folder);
const found = await store.latest();
const resume = found?.checkpoint;

const glorot = (seed) => ({ kernelInitializer: initializers.glorotUniform({ seed }) });
const digestOf = (arrays) => {
  const hash = createHash("sha256");
  for (const values of arrays)
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest("hex");
};

/** Dropout, augmentation, early stopping and a one-cycle schedule. */
async function cnn() {
  const { train } = await openDataset("digits");
  const model = sequential({
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        inputShape: [28, 28, 1],
        ...glorot(1),
      }),
      layers.maxPooling2d({ poolSize: 4 }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 10, activation: "softmax", ...glorot(2) }),
    ],
  });
  const session = await compile(model, {
    device,
    seed: 4,
    optimizer: adam(0.01),
    ...(resume && { resume }),
  });
  console.error("begun");
  const { history } = await session.fit(train, {
    epochs: 5,
    batchSize: 32,
    validation: 0.2,
    augment: { shift: 2 },
    learningRate: oneCycle({ peak: 0.02, epochs: 5 }),
    earlyStopping: { patience: 2, minDelta: 0.05 },
    progressMs: 5,
    checkpoints: { to: store, everyMs: 20 },
  });
  return ended(session, history);
}

async function ended(session, history) {
  const { tensors, step } = await session.checkpoint();
  return { step, digest: digestOf(Object.values(tensors).map(({ data }) => data)), history };
}

async function gan() {
  const variable = (name, shape, seed) =>
    tf.variable(initializers.glorotUniform({ seed }).apply(shape), true, name);
  const [maker, judge] = [
    [variable("maker/1", [4, 16], 1), variable("maker/2", [16, 8], 2)],
    [variable("judge/1", [8, 16], 3), variable("judge/2", [16, 1], 4)],
  ];
  const made = (batch) =>
    tf.matMul(tf.relu(tf.matMul(randomNormal([batch, 4]), maker[0])), maker[1]);
  const judged = (x) => tf.sigmoid(tf.matMul(tf.relu(tf.matMul(x, judge[0])), judge[1]));
  const near = (x, wanted) => tf.mean(tf.squaredDifference(x, wanted));
  const one = await program({
    device,
    seed: 9,
    inputs: { real: [8] },
    functions: {
      judge: {
        minimize: ({ real }, { batch }) =>
          tf.add(near(judged(real), 1), near(judged(made(batch)), 0)),
        variables: judge,
        optimizer: adam(0.01),
      },
      fool: {
        minimize: ({ real }, { batch }) =>
          tf.add(near(judged(made(batch)), 1), tf.mul(tf.mean(real), 0)),
        variables: maker,
        optimizer: adam(0.01),
      },
    },
    ...(resume && { resume }),
  });
  console.error("begun");
  for (let step = resume?.functions.fool.step ?? 0; step < 120; step++) {
    const random = new RandomStream(step, 3);
    const real = Float32Array.from({ length: 16 * 8 }, () => 1 + random.nextFloat());
    await one.run("judge", { real: { data: real, shape: [16, 8] } });
    await one.run("fool", { real: { data: real, shape: [16, 8] } });
    if (step % 3 === 0) await store.save(await one.checkpoint());
  }
  const { tensors } = await one.checkpoint();
  return { digest: digestOf(Object.values(tensors).map(({ data }) => data)) };
}

console.log(JSON.stringify(await { cnn, gan }[what]()));
await device.close();
