/**
 * What small apps may weigh: the gzip bytes of everything a browser loads for the job. One byte more fails
 * `npm run check`; a limit is what was reached, rounded up to the next 100 bytes, and goes down with it.
 *
 * To add a row: its code, and what of the late parts that job really loads. `late` names source modules that come by
 * an `import()`; `files` names .wasm files. tfjs is in the page already, and not counted.
 *
 * @typedef {{ name: string, code: string, late?: string[], files?: string[], limit: number }} SizeRow
 */

const train = (backend) => `
  import { adam, compile } from "@hone/core";
  import { ${backend} } from "@hone/${backend}";
  export async function train(model, data) {
    const device = await ${backend}().open();
    const session = await compile(model, { device, optimizer: adam(1e-3), seed: 7 });
    await session.fit(data, { epochs: 1, batchSize: 64 });
    await session.writeBack(model);
  }`;

/** What training loads when it begins. */
const training = ["resident-sets", "session-keeping", "session-training"].map(
  (name) => `packages/core/src/run/${name}.ts`,
);

const predict = (backend) => `
  import { compile, openModel } from "@hone/core/runtime";
  import { ${backend} } from "@hone/${backend}/predict";
  export async function predict(address, rows) {
    const device = await ${backend}().open();
    const session = await compile(await openModel(address), { device });
    return session.predict(rows);
  }`;

const trainOn = (backend) => `
  import { compile, openModel } from "@hone/core/runtime";
  import { ${backend} } from "@hone/${backend}";
  export async function train(address, data) {
    const device = await ${backend}().open();
    const session = await compile(await openModel(address), { device });
    await session.fit(data, { epochs: 1, batchSize: 64 });
    return session.save();
  }`;

const alone = (entry, backend) => `export { ${backend} } from "${entry}";`;

/** Of the builds a page loads one; this is the larger one. */
const kernels = "kernels-plain.wasm";

/** @type {readonly SizeRow[]} */
export const sizeRows = [
  {
    name: "train a tf.LayersModel on wasm",
    code: train("wasm"),
    late: training,
    files: [kernels],
    limit: 155_500,
  },
  {
    name: "train a tf.LayersModel on webgpu",
    code: train("webgpu"),
    late: training,
    limit: 128_400,
  },
  { name: "train a tf.LayersModel on cpu", code: train("cpu"), late: training, limit: 113_800 },
  {
    name: "predict with a saved model on wasm",
    code: predict("wasm"),
    files: ["kernels-plain-predict.wasm"],
    limit: 90_300,
  },
  { name: "predict with a saved model on webgpu", code: predict("webgpu"), limit: 70_600 },
  {
    name: "train a saved model on wasm",
    code: trainOn("wasm"),
    late: [...training, "packages/core/src/io/saved-model-writer.ts"],
    files: [kernels],
    limit: 144_000,
  },
  {
    name: "@hone/wasm alone",
    code: alone("@hone/wasm", "wasm"),
    files: [kernels],
    limit: 62_400,
  },
  {
    name: "@hone/wasm/predict alone",
    code: alone("@hone/wasm/predict", "wasm"),
    files: ["kernels-plain-predict.wasm"],
    limit: 49_700,
  },
  {
    name: "@hone/wasm alone, where its files were not copied",
    code: alone("@hone/wasm", "wasm"),
    late: ["packages/wasm/src/packed-kernels.ts"],
    limit: 65_900,
  },
  { name: "@hone/wasm/inline alone", code: alone("@hone/wasm/inline", "wasm"), limit: 66_800 },
  { name: "@hone/webgpu alone", code: alone("@hone/webgpu", "webgpu"), limit: 35_000 },
  {
    name: "@hone/webgpu/predict alone",
    code: alone("@hone/webgpu/predict", "webgpu"),
    limit: 29_600,
  },
  { name: "@hone/cpu alone", code: alone("@hone/cpu", "cpu"), limit: 20_600 },
];
