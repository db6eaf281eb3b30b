/** Which rows `npm run bench` has: Hone's backends and the rivals at the same tasks, as data. */
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const script = path.resolve(fileURLToPath(new URL("rival-row.mjs", import.meta.url)));

/**
 * @param given.cores processors here
 * @param given.dataset by name
 * @param given.known folders of the known answers, by model
 * @param given.onnx the cnn as ONNX, where it could be written
 * @param given.python a Python that has PyTorch, if any
 * @param given.pytorch PyTorch's best settings by model; its usual ones unless given
 */
export function quickRows(given) {
  const { hone, page, rival } = rowMakers(given);
  const few = { epochs: 2, limit: 1280 };
  return [
    hone("wasm", "train", "cnn", 64),
    hone("cpu", "train", "cnn", 64),
    hone("webgpu", "train", "cnn", 16),
    hone("tfjs-wasm", "train", "cnn", 64),
    rival("pytorch", "train", "cnn", 64, { ...few, epochs: 3 }),
    rival("jax-js", "train", "cnn", 64, { epochs: 2, limit: 64 }),
    rival("tfjs-fit-wasm", "train", "cnn", 64, few),
    hone("wasm", "train", "mlp", 64),
    hone("cpu", "train", "mlp", 64),
    hone("webgpu", "train", "mlp", 64),
    hone("tfjs-wasm", "train", "mlp", 64),
    hone("tfjs-cpu", "train", "mlp", 64),
    page("tfjs-webgpu", "train", "mlp", 64, { quick: true }),
    rival("pytorch", "train", "mlp", 64, { epochs: 3, limit: 6400 }),
    rival("jax-js", "train", "mlp", 64, few),
    rival("tfjs-fit-wasm", "train", "mlp", 64, few),
    rival("tfjs-fit-cpu", "train", "mlp", 64, few),
    hone("wasm", "predict", "cnn", 256),
    hone("cpu", "predict", "cnn", 64),
    hone("tfjs-wasm", "predict", "cnn", 256),
    rival("onnxruntime-web", "predict", "cnn", 256, { seconds: 0.5 }),
    rival("onnxruntime-node", "predict", "cnn", 256, { seconds: 0.5 }),
    rival("tfjs-fit-wasm", "predict", "cnn", 256, { seconds: 0.5 }),
  ];
}

/** The long form: all models, whole epochs, and each engine at one thread and at all. */
export function fullRows(given) {
  const { cores, epochs, evaluations } = given;
  const { hone, page, rival } = rowMakers(given);
  const counts = cores > 1 ? [1, cores] : [1];
  const slow = { epochs: 0 };
  const trained = { epochs: Math.max(epochs, 3), evaluations: epochs > 0 ? evaluations : 0 };
  return [
    ...["cnn", "mlp"].flatMap((model) => [
      ...counts.map((threads) => hone("wasm", "train", model, 64, { threads, epochs })),
      hone("cpu", "train", model, 64, slow),
      hone("webgpu", "train", model, 64, slow),
      hone("tfjs-wasm", "train", model, 64, slow),
      ...["wasm", "webgpu", "tfjs-webgpu"].map((name) => page(name, "train", model, 64)),
      ...counts.map((threads) => rival("pytorch", "train", model, 64, { threads, ...trained })),
      rival("jax-js", "train", model, 64, { epochs: 3, limit: model === "cnn" ? 640 : 60_000 }),
      rival("tfjs-fit-wasm", "train", model, 64, { epochs: 3, limit: 12_800 }),
    ]),
    // Its step of the cnn takes a quarter of a minute.
    hone("tfjs-cpu", "train", "mlp", 64, slow),
    rival("tfjs-fit-cpu", "train", "mlp", 64, { epochs: 2, limit: 6400 }),
    ...[256, 1].flatMap((batchSize) => [
      ...counts.map((threads) =>
        hone("wasm", "predict", "cnn", batchSize, { threads, latency: batchSize === 1 }),
      ),
      hone("cpu", "predict", "cnn", batchSize),
      hone("webgpu", "predict", "cnn", batchSize),
      hone("tfjs-wasm", "predict", "cnn", batchSize),
      ...["onnxruntime-web", "onnxruntime-node"].flatMap((name) =>
        counts.map((threads) => rival(name, "predict", "cnn", batchSize, { threads })),
      ),
      rival("tfjs-fit-wasm", "predict", "cnn", batchSize),
    ]),
  ];
}

const countText = (threads) => `${threads} thread${threads === 1 ? "" : "s"}`;

function rowMakers({ cores, dataset, known, onnx, python, pytorch = {} }) {
  const hone = (backend, mode, model, batchSize, settings = {}) => ({
    backend,
    mode,
    model,
    batchSize,
    ...settings,
  });
  /** At all cores, unless `settings` or a sweep says otherwise. */
  const rival = (name, mode, model, batchSize, settings = {}) => {
    const usual = model === "cnn" ? { memoryFormat: "channels_last" } : {};
    const best = name === "pytorch" ? { ...usual, ...pytorch[model] } : {};
    const single = name.startsWith("tfjs-fit");
    const given = { threads: single ? 1 : name === "pytorch" ? 1 : cores, ...best, ...settings };
    const { threads } = given;
    const files = { known: known[model], onnx, python };
    const words = { rival: name, task: mode, model, dataset, batchSize, ...files, ...given };
    return {
      engine: name,
      mode,
      model,
      batchSize,
      ...(!single && { variant: countText(threads) }),
      command: [process.execPath, script, ...toWords(words)],
    };
  };
  /** One of Hone's rows in Chromium. */
  const page = (name, mode, model, batchSize, settings = {}) => {
    const words = {
      rival: name,
      task: mode,
      model,
      dataset,
      batchSize,
      threads: cores,
      ...settings,
    };
    return {
      engine: name,
      mode,
      model,
      batchSize,
      variant: name === "wasm" ? `Chromium, ${countText(cores)}` : "Chromium",
      command: [process.execPath, script, ...toWords({ epochs: 0, limit: 60_000, ...words })],
    };
  };
  return { hone, page, rival };
}

function toWords(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [option] : [option, `${value}`];
  });
}
