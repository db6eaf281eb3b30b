/** A life of a model on a device, in several forms: how it learns, and where it ends. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { type Backend, compile, type Device, dataset, program, sgd } from "../index.js";

const rows = 16;
const x = Float32Array.from({ length: rows * 64 }, (_, at) => ((at * 7919) % 251) / 251);
const y = Uint8Array.from({ length: rows }, (_, at) => at % 10);
const data = dataset({ x: { data: x, shape: [rows, 8, 8, 1] }, y });

function smallModel() {
  const glorot = { kernelInitializer: "glorotUniform" } as const;
  return sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1], ...glorot }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dropout({ rate: 0.25, seed: 3 }),
      layers.dense({ units: 10, activation: "softmax", ...glorot }),
    ],
  });
}

type Model = ReturnType<typeof smallModel>;

/** Each ends with its device, which has whatever was left open. */
const lives: Readonly<Record<string, (device: Device, model: Model) => Promise<void>>> = {
  async "is not used"(device, model) {
    const session = await compile(model, { device, optimizer: sgd(1e-2) });
    await session.close();
  },
  async "has tfjs's own settings"(device, model) {
    model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
    const session = await compile(model, { device });
    await session.fit(await data, { epochs: 1, batchSize: 6 });
    await session.predict(x);
    await session.writeBack(model);
    await session.save();
    await session.close();
  },
  async "has a loss of its own"(device, model) {
    const loss = (labels: tf.Tensor, given: tf.Tensor) =>
      tf.mean(tf.square(tf.sub(given, labels)), -1);
    const session = await compile(model, { device, optimizer: sgd(1e-2), loss });
    await session.trainOnBatch(
      x,
      Float32Array.from({ length: rows * 10 }, () => 0.1),
    );
  },
  async "is left in the middle of training"(device, model) {
    const session = await compile(model, { device, optimizer: sgd(1e-2) });
    for await (const _ of session.steps(await data, { epochs: 1000, batchSize: 4 })) break;
  },
  async "is refused"(device, model) {
    const options = { device, loss: (labels: tf.Tensor) => tf.randomNormal(labels.shape) };
    const refused = await compile(model, options)
      .then((session) => session.trainOnBatch(x, y))
      .then(() => false)
      .catch(() => true);
    if (!refused) throw new Error("a loss that draws numbers was taken");
  },
  async "is a program"(device, model) {
    const loss = ({ x }: { readonly x: tf.Tensor }) => tf.mean(model.apply(x) as tf.Tensor);
    const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const learning = await program({
      device,
      inputs: { x: [8, 8, 1] },
      functions: { learn: { minimize: loss, variables, optimizer: sgd(1e-3) } },
    });
    await learning.run("learn", { x });
    await learning.close();
  },
};

/** One life of a new model on a new device of `backend`; which, says `count`. */
export async function cycle(backend: Backend, count: number): Promise<void> {
  const all = Object.values(lives);
  const live = all[count % all.length] as (typeof all)[number];
  const model = smallModel();
  const device = await backend.open();
  await live(device, model);
  await device.close();
  model.dispose();
}
