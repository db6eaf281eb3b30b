/**
 * What `npm run start-up` measures: pages that do one job each as soon as they are opened. A page calls `done` when the
 * job is done, and then goes on for a while, so that what blocks it later is seen too.
 *
 * @typedef {{ name: string, code: string, limitMs?: number, atMost?: { of: string, times: number } }} StartUpJob
 */

const trainOn = (imports, open) => `
  import { adam, compile } from "@hone/core";
  import { cnn } from "@hone/core/models";
  import { dataset } from "@hone/data";
  ${imports}
  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  // A body of megabytes is a long task of the browser's own, so these come in shards.
  const shards = Promise.all(Array.from({ length: 10 }, () => bytes("images.bin")));
  const labels = bytes("labels.bin");
  const model = cnn({ seed: 7 });
  const device = await ${open};
  const session = await compile(model, { device, optimizer: adam(1e-3), seed: 7 });
  const images = new Uint8Array(7_840_000);
  for (const [at, shard] of (await shards).entries()) images.set(shard, at * shard.length);
  const data = await dataset({ x: { data: images, shape: [10000, 28, 28] }, y: await labels, scale: 1 / 255 });
  const batch = Float32Array.from(data.columns.x.data.subarray(0, 64 * 784), (value) => value / 255);
  const { loss } = await session.trainOnBatch(batch, data.columns.y.data.subarray(0, 64));
  if (!(loss > 0)) throw new Error("the loss is " + loss);
  done(device.info.backend);
  await session.fit(data, { epochs: 1, batchSize: 64 });
  await session.evaluate(data);
  await session.predict(batch);`;

/** @type {readonly StartUpJob[]} */
export const startUpJobs = [
  {
    name: "predict with a saved CNN on wasm",
    limitMs: 500,
    code: `
      import { compile, openModel } from "@hone/core/runtime";
      import { wasm } from "@hone/wasm";
      const [model, device] = await Promise.all([openModel("cnn.hone"), wasm().open()]);
      const session = await compile(model, { device });
      const { data } = await session.predict(new Float32Array(784));
      if (!data.every(Number.isFinite)) throw new Error("it predicts " + data);
      done(device.info.backend);`,
  },
  {
    name: "train a tf.LayersModel on wasm",
    limitMs: 1200,
    code: trainOn('import { wasm } from "@hone/wasm";', "wasm().open()"),
  },
  {
    name: "train a tf.LayersModel through fastest",
    atMost: { of: "train a tf.LayersModel on wasm", times: 1.3 },
    code: trainOn('import { fastest } from "@hone/hone";', "fastest({ for: model })"),
  },
];
