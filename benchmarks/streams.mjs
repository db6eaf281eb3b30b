/**
 * A stream of batches that is larger than memory, beside the same model on resident data: rows a second, and the most
 * memory the process took.
 *
 *   node benchmarks/streams.mjs [--gigabytes 4] [--model mlp] [--backend wasm]
 */
import { parseArgs } from "node:util";
import { compile } from "@hone/core";
import { createModel } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import "@tensorflow/tfjs-backend-cpu";

const USAGE = "node benchmarks/streams.mjs [--gigabytes 4] [--model mlp|cnn] [--backend wasm|cpu]";
function refuse(what) {
  console.error(`[streams] ${what} ${USAGE}`);
  process.exit(2);
}

function readOptions(settings) {
  try {
    return parseArgs(settings).values;
  } catch (error) {
    return refuse(error.message);
  }
}
const options = readOptions({
  options: {
    gigabytes: { type: "string", default: "4" },
    model: { type: "string", default: "mlp" },
    backend: { type: "string", default: "wasm" },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

if (!(Number(options.gigabytes) > 0)) refuse(`--gigabytes is ${options.gigabytes}.`);
if (!["mlp", "cnn"].includes(options.model)) refuse(`--model is ${options.model}.`);
if (!["wasm", "cpu"].includes(options.backend)) refuse(`--backend is ${options.backend}.`);

const BATCH = 64;
const PIXELS = 28 * 28;
const ROWS = 30_000;
const bytes = Number(options.gigabytes) * 1e9;
const batches = Math.ceil(bytes / (BATCH * PIXELS * 4));

/** Pictures of noise, each brighter in a band that tells its class. */
const labels = Int32Array.from({ length: ROWS }, (_, row) => (row * 7) % 10);
const pictures = new Float32Array(ROWS * PIXELS);
for (let at = 0; at < pictures.length; at++) {
  const row = Math.floor(at / PIXELS);
  const band = Math.floor((at % PIXELS) / 79);
  pictures[at] = ((at * 2654435761) % 997) / 2000 + (band === labels[row] ? 0.5 : 0);
}

/**
 * Batches that are made as they are asked for, in arrays that are filled anew each time: new arrays would measure how fast
 * Node gets memory, which here takes longer than all that training does with it.
 */
function* stream() {
  const batch = { x: new Float32Array(BATCH * PIXELS), y: new Int32Array(BATCH) };
  for (let made = 0; made < batches; made++) {
    const start = (made * BATCH) % (ROWS - BATCH);
    batch.x.set(pictures.subarray(start * PIXELS, (start + BATCH) * PIXELS));
    batch.y.set(labels.subarray(start, start + BATCH));
    yield batch;
  }
}

const plain = { scale: 1, offset: 0 };
const resident = {
  name: "resident",
  rows: ROWS,
  columns: {
    x: { ...plain, data: pictures, shape: [28, 28, 1] },
    y: { ...plain, data: labels, shape: [] },
  },
};

const device = await (options.backend === "cpu" ? cpu() : wasm()).open();
const open = () => compile(createModel(options.model, { seed: 7 }), { device, seed: 7 });

async function residentRate() {
  const session = await open();
  await session.fit(resident, { epochs: 1, batchSize: BATCH });
  const { imagesPerSecond } = await session.fit(resident, { epochs: 4, batchSize: BATCH });
  session.close();
  return imagesPerSecond;
}

let mostBytes = 0;
async function streamRate() {
  const session = await open();
  const watch = setInterval(() => {
    mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
  }, 100);
  await session.fit(resident, { epochs: 1, batchSize: BATCH });
  session.release(resident);
  const beganMs = performance.now();
  await session.fit(stream, { epochs: 1 });
  const rate = (batches * BATCH * 1000) / (performance.now() - beganMs);
  clearInterval(watch);
  session.close();
  return rate;
}

const before = await residentRate();
const streamed = await streamRate();
const after = await residentRate();
const held = (before + after) / 2;
console.log(
  `${options.model} on ${device.info.description}: resident ${Math.round(before)} and ${Math.round(after)} rows a second, a stream of ${options.gigabytes} GB ${Math.round(streamed)}: ${(streamed / held).toFixed(2)} of it; at most ${Math.round(mostBytes / 1e6)} MB of memory`,
);
await device.close();
