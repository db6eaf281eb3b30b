/**
 * The demo's models as files that a page opens without tfjs: saved models whose weights are zeros, so that a whole
 * network is a few kilobytes, and beside them how the first weights are drawn, which the page does by a seed.
 *
 * Beside each stands its first layer that has weights as a model of its own, for what that layer sees in a picture.
 */
import { gzipSync } from "node:zlib";
import { MODEL_NAMES } from "../packages/web/src/models/open-site-model.ts";
import { viewModels } from "./site-view-models.mjs";

/**
 * @param {Uint8Array} frontBytes the weights that Teach stands on, packages/web/src/front/front.bin
 * @returns {Promise<Record<string, Uint8Array | string>>} by file's name: `mlp.hone.gz`, `mlp-first.hone.gz`, and
 *   `models.json`, which tells of all
 */
export async function siteModels(frontBytes) {
  const { compile } = await import("@hone/core");
  const { zoo } = await import("@hone/core/models");
  const { cpu } = await import("@hone/cpu");
  const tfl = await import("@tensorflow/tfjs-layers");
  const device = await cpu().open();
  const files = {};
  const told = {};
  const save = async (file, model, options) => {
    const session = await compile(model, { device, ...options });
    const weights = await session.weights();
    await session.setWeights(weights.map(({ values }) => new Float32Array(values.length)));
    files[file] = gzipSync(await session.save({ name: file.replace(/\.hone\.gz$/, "") }), {
      level: 9,
    });
    session.close();
    return weights;
  };
  for (const name of MODEL_NAMES) {
    const { create, task, defaults, description } = zoo[name];
    const model = create({ seed: 0 });
    const { loss } = task;
    const drawn = initializersOf(model);
    const weights = await save(`${name}.hone.gz`, model, { optimizer: defaults.optimizer, loss });
    const first = model.layers.find((layer) => layer.weights.length > 0);
    const front = tfl.model({ inputs: model.inputs, outputs: first.output });
    await save(`${name}-first.hone.gz`, front, {
      optimizer: defaults.optimizer,
      loss: "meanSquaredError",
    });
    told[name] = {
      description,
      learningRate: defaults.learningRate,
      batchSize: defaults.batchSize,
      schedule: defaults.schedule ?? "constant",
      augment: defaults.augment ?? {},
      weights: weights.map(({ name: label, shape }, at) => ({ label, shape, ...drawn[at] })),
      firstWeights: first.weights.length,
    };
  }
  Object.assign(files, await viewModels(device, frontBytes));
  await device.close();
  files["models.json"] = JSON.stringify(told);
  return files;
}

/** How each weight is drawn, in the order of the model's weights; the seed is that of a model whose own seed is 0. */
function initializersOf(model) {
  const byVariable = new Map();
  for (const layer of model.layers) {
    for (const weight of layer.weights) byVariable.set(weight.originalName, kindOf(layer, weight));
  }
  return model.weights.map((weight) => byVariable.get(weight.originalName));
}

function kindOf(layer, weight) {
  const word = weight.originalName.split("/").at(-1).replace(/_\d+$/, "");
  const key =
    { kernel: "kernelInitializer", bias: "biasInitializer", gamma: "gammaInitializer" }[word] ??
    {
      beta: "betaInitializer",
      moving_mean: "movingMeanInitializer",
      moving_variance: "movingVarianceInitializer",
    }[word];
  const initializer = layer[key];
  const name = initializer?.getClassName();
  if (name === "Zeros" || name === "Ones") return { draw: name.toLowerCase() };
  const { mode, distribution, scale, seed } = initializer?.getConfig() ?? {};
  if (mode === "fanAvg" && distribution === "uniform" && scale === 1 && Number.isInteger(seed)) {
    return { draw: "glorotUniform", seed };
  }
  throw new Error(
    `[hone] site: ${weight.originalName} is drawn by ${name}, which the page cannot. Add it to packages/web/src/models/draw-weights.ts.`,
  );
}
