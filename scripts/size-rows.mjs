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
const training = ["packages/core/src/run/session-training.ts"];

const predict = (backend, entry = `@hone/${backend}`) => `
  import { compile, openModel } from "@hone/core/runtime";
  import { ${backend} } from "${entry}";
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

/** What a page loads of @hone/webgpu when it opens a device, and the kernels that its programs ask for. */
const webgpu = (...kernels) => [
  "packages/webgpu/src/lowering.ts",
  ...kernels.map((part) => `packages/webgpu/src/kernels/${part}.ts`),
];

/** The worker's program for a page whose memory cannot be shared, as most are not isolated, and for one with threads. */
const alone = "packages/wasm/src/alone-text.ts";
const team = "packages/wasm/src/team-text.ts";
/** What a page loads of @hone/wasm for its programs: families of launchers, and the files of those that have one. */
const wasm = (...families) => families.map((name) => `packages/wasm/src/kernels/${name}.ts`);
/** Of the builds a page loads one; this is mostly the larger one. */
const kernels = (...families) => families.map((name) => `kernels-${name}-plain.wasm`);

/** @type {readonly SizeRow[]} */
export const sizeRows = [
  {
    name: "train a tf.LayersModel on wasm",
    code: train("wasm"),
    late: [alone, ...training, ...wasm("training", "maps")],
    files: kernels("base", "training"),
    limit: 119_500,
  },
  {
    name: "train a tf.LayersModel on webgpu",
    code: train("webgpu"),
    late: [
      ...training,
      "packages/webgpu/src/joint-launches.ts",
      ...webgpu(
        "elementwise",
        "reduce",
        "reducing-maps",
        "training",
        "pooled-convolution",
        "pooled-gradients",
      ),
    ],
    limit: 111_600,
  },
  { name: "train a tf.LayersModel on cpu", code: train("cpu"), late: training, limit: 92_400 },
  {
    name: "predict with a saved model on wasm",
    code: predict("wasm"),
    late: [alone],
    files: kernels("base"),
    limit: 57_200,
  },
  {
    name: "predict with a saved model on wasm, on several threads",
    code: predict("wasm"),
    late: [team],
    files: kernels("base"),
    limit: 61_100,
  },
  {
    name: "predict with a saved model on webgpu",
    code: predict("webgpu"),
    late: webgpu(),
    limit: 47_600,
  },
  {
    name: "train a saved model on wasm",
    code: trainOn("wasm"),
    late: [
      alone,
      ...training,
      ...wasm("training", "maps"),
      "packages/core/src/run/session-keeping.ts",
      "packages/core/src/io/saved-model-writer.ts",
    ],
    files: kernels("base", "training"),
    limit: 116_100,
  },
  {
    name: "predict with a saved model on wasm, where its files were not copied",
    code: predict("wasm"),
    late: [alone, "packages/wasm/src/packed-kernels.ts"],
    limit: 84_300,
  },
  {
    name: "predict with a saved model on wasm, in one file",
    code: predict("wasm", "@hone/wasm/inline"),
    limit: 87_600,
  },
  { name: "predict with a saved model on cpu", code: predict("cpu"), limit: 44_900 },
];
