/**
 * Runs one engine in a fresh headless Chromium, in a page that is cross-origin isolated, and prints
 * one JSON object. The same browser, flags, server and data serve Hone and its rivals.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { launchChromium, serve } from "../../scripts/browser.mjs";
import { readTimes, shareSince } from "../compare/quiet-machine.mjs";

const folder = path.dirname(fileURLToPath(import.meta.url));
/** The page's program of each engine. */
const engines = {
  hone: "page/hone.mjs",
  "hone-benchmark": "../hone/page-benchmark.mjs",
  "jax-js": "page/jax-js.mjs",
  "onnxruntime-web": "page/onnxruntime-web.mjs",
};

/** The page's program, as a bundler makes it for any page: from the packages as they are built. */
async function bundle(engine) {
  const result = await build({
    entryPoints: [path.join(folder, engines[engine])],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    logLevel: "silent",
  });
  return result.outputFiles[0].text;
}

async function versionOf(engine) {
  if (engine.startsWith("hone")) return undefined;
  const name = engine === "jax-js" ? "@jax-js/jax" : engine;
  const manifest = path.join(folder, "node_modules", name, "package.json");
  return JSON.parse(await readFile(manifest, "utf8")).version;
}

/** onnxruntime-web's own files, and the model. */
async function runtimeFiles(model) {
  const names = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  const files = { "/model.onnx": await readFile(model) };
  for (const name of names) {
    const file = path.join(folder, "node_modules/onnxruntime-web/dist", name);
    files[`/onnxruntime-web/${name}`] = await readFile(file);
  }
  return files;
}

async function runPage(values) {
  const { engine, onnx, ...rest } = values;
  if (!Object.hasOwn(engines, engine)) {
    const names = Object.keys(engines).join(", ");
    throw new Error(`[rival] page: there is no engine ${engine}. Give one of ${names}.`);
  }
  const data = process.env.HONE_DATA;
  if (data === undefined) {
    throw new Error("[rival] page: no data. Set HONE_DATA to the folder that holds mnist.");
  }
  const files = {
    "/index.html": '<!doctype html><script type="module" src="/main.js"></script>',
    "/main.js": await bundle(engine),
    ...(engine === "onnxruntime-web" && (await runtimeFiles(onnx))),
    ...(rest.known && {
      "/known/weights.bin": await readFile(path.join(rest.known, "weights.bin")),
    }),
  };
  const server = await serve({ files, folder: data });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    const settings = {
      task: rest.task,
      model: rest.model,
      threads: Number(rest.threads),
      epochs: Number(rest.epochs),
      limit: Number(rest.limit),
      batchSize: Number(rest["batch-size"]),
      seconds: Number(rest.seconds),
      latency: rest.latency,
      known: rest.known !== undefined,
      backend: rest.backend,
      dataset: rest.dataset,
      quick: rest.quick,
    };
    // jax-js takes its number of threads from here; the others are told.
    await page.addInitScript((count) => {
      Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => count });
    }, settings.threads);
    await page.goto(server.url);
    await page
      .waitForFunction(() => globalThis.runTask !== undefined)
      .catch((error) => {
        throw new Error(faults[0] ?? error.message);
      });
    const before = readTimes();
    const result = await page.evaluate((given) => globalThis.runTask(given), settings);
    const othersShare = shareSince(before);
    const version = await versionOf(engine);
    return { ...result, version, browser: browser.version(), othersShare };
  } finally {
    await browser.close();
    await server.close();
  }
}

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: "hone" },
    task: { type: "string", default: "train" },
    model: { type: "string", default: "cnn" },
    threads: { type: "string", default: "1" },
    epochs: { type: "string", default: "2" },
    limit: { type: "string", default: "60000" },
    "batch-size": { type: "string", default: "256" },
    seconds: { type: "string", default: "2" },
    latency: { type: "boolean", default: false },
    onnx: { type: "string" },
    known: { type: "string" },
    backend: { type: "string" },
    dataset: { type: "string", default: "mnist" },
    quick: { type: "boolean", default: false },
  },
});

try {
  console.log(JSON.stringify(await runPage(values)));
} catch (error) {
  console.error(error.message.replace(/^page\.evaluate: (Error: )?/, "").split("\n")[0]);
  process.exitCode = 1;
}
