/**
 * Times one ONNX model with ONNX Runtime in Node, and prints one JSON object: `--runtime node` is the
 * native onnxruntime-node, `--runtime web` the wasm build of onnxruntime-web.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { timeRuns } from "../compare/time-runs.mjs";
import { testImages } from "../hone/prediction.mjs";

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    onnx: { type: "string" },
    "batch-size": { type: "string", default: "256" },
    threads: { type: "string", default: "1" },
    seconds: { type: "string", default: "2" },
  },
});

/** A session over the model with this many threads. */
async function open(ort, name, threads) {
  if (name === "onnxruntime-web") {
    ort.env.wasm.numThreads = threads;
    const bytes = new Uint8Array(await readFile(values.onnx));
    return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  }
  const settings = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  return ort.InferenceSession.create(values.onnx, { ...settings, executionProviders: ["cpu"] });
}

async function versionOf(name) {
  const folder = path.dirname(fileURLToPath(import.meta.url));
  const manifest = path.join(folder, "node_modules", name, "package.json");
  return JSON.parse(await readFile(manifest, "utf8")).version;
}

async function main() {
  if (!["node", "web"].includes(values.runtime)) {
    throw new Error(`[rival] onnxruntime: --runtime is ${values.runtime}. Give node or web.`);
  }
  if (values.onnx === undefined) {
    throw new Error("[rival] onnxruntime: no model. Give --onnx FILE, made by pytorch.py.");
  }
  const name = `onnxruntime-${values.runtime}`;
  const batchSize = Number(values["batch-size"]);
  const threads = Number(values.threads);
  const data = await testImages(batchSize);
  const ort = createRequire(import.meta.url)(name);
  const session = await open(ort, name, threads);
  const run = async () => {
    const images = new ort.Tensor("float32", data, [batchSize, 28, 28, 1]);
    return (await session.run({ images })).probabilities.data;
  };
  const outputs = await run();
  const { medianMs, p95Ms, runs } = await timeRuns(run, { seconds: Number(values.seconds) });
  const result = {
    rival: name,
    version: await versionOf(name),
    model: "cnn",
    batchSize,
    threads,
    runs,
    medianMs,
    p95Ms,
    imagesPerSecond: (1000 * batchSize) / medianMs,
    processBytes: 1024 * process.resourceUsage().maxRSS,
    outputs: [...outputs],
  };
  // A pool of wasm threads would keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
