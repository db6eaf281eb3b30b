/**
 * Compares Hone with one rival: both take turns, each time in a fresh process, and what is printed
 * are medians, least and most, and the ratios. rivals/README.md tells what is counted.
 *
 *   node benchmarks/compare.mjs --rival pytorch --model cnn --rounds 5 --threads 1,2 --json FILE
 *   node benchmarks/compare.mjs --rival onnxruntime --batch-sizes 256,1
 *   node benchmarks/compare.mjs --rival jax-js --model mlp
 *   node benchmarks/compare.mjs --rival tfjs --epochs 20 --threads 2
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import { compareTfjs } from "./compare/frozen-front.mjs";
import { honeBuild } from "./compare/hone-build.mjs";
import { compareOnnxruntime } from "./compare/prediction.mjs";
import { quietRecord } from "./compare/quiet-machine.mjs";
import { compareJax, comparePytorch } from "./compare/training.mjs";

const rivals = {
  pytorch: comparePytorch,
  onnxruntime: compareOnnxruntime,
  "jax-js": compareJax,
  tfjs: compareTfjs,
};

const options = {
  rival: { type: "string" },
  model: { type: "string", default: "cnn" },
  dataset: { type: "string", default: "mnist" },
  rounds: { type: "string", default: "5" },
  threads: { type: "string", default: "1" },
  "rival-threads": { type: "string" },
  epochs: { type: "string", default: "3" },
  limit: { type: "string" },
  "rival-limit": { type: "string" },
  "sweep-limit": { type: "string", default: "6400" },
  "batch-sizes": { type: "string", default: "256,1" },
  seconds: { type: "string", default: "2" },
  latency: { type: "boolean", default: false },
  page: { type: "boolean", default: false },
  python: { type: "string", default: "python3" },
  json: { type: "string" },
};

function wrong(what) {
  return new Error(`[benchmark] compare: ${what}`);
}

function wholeNumber(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw wrong(`--${name} is ${text}. Give a whole number from 1.`);
}

function readOptions() {
  const { values } = parseArgs({ options });
  if (!Object.hasOwn(rivals, values.rival ?? "")) {
    throw wrong(`--rival is ${values.rival}. Give one of ${Object.keys(rivals).join(", ")}.`);
  }
  const list = (name) => values[name].split(",").map((text) => wholeNumber(name, text));
  const number = (name, otherwise) =>
    values[name] === undefined ? otherwise : wholeNumber(name, values[name]);
  // jax-js needs a second for a step of the cnn.
  const limit = number("limit", 60000);
  const slow = values.rival === "jax-js" && values.model === "cnn" ? 640 : limit;
  const cores = os.availableParallelism();
  values["rival-threads"] ??= cores > 1 ? `1,${cores}` : "1";
  return {
    rival: values.rival,
    model: values.model,
    dataset: values.dataset,
    rounds: number("rounds"),
    threads: list("threads"),
    rivalThreads: list("rival-threads"),
    epochs: number("epochs"),
    limit,
    rivalLimit: number("rival-limit", slow),
    sweepLimit: Math.min(number("sweep-limit"), limit),
    batchSizes: list("batch-sizes"),
    seconds: Number(values.seconds),
    latency: values.latency,
    page: values.page,
    python: values.python,
    json: values.json,
  };
}

function machine() {
  return {
    processor: os.cpus()[0]?.model.trim(),
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    loadAverage: os.loadavg(),
  };
}

async function main() {
  const { rival, python, json, ...settings } = readOptions();
  const say = (line) => console.log(line.startsWith("[") ? line : `  ${line}`);
  if (settings.rounds < 5) say(`${settings.rounds} rounds are too few to tell: give 5 or more.`);
  const before = machine();
  const build = await honeBuild();
  const date = new Date().toISOString();
  const result = await rivals[rival]({ ...settings, python }, say);
  const quiet = quietRecord();
  if (!quiet.watched) say("whether other programs ran meanwhile is not known on this system.");
  if (quiet.disturbed > 0) {
    say(
      `${quiet.disturbed} of ${quiet.runs} runs were disturbed by others all the same: record none.`,
    );
  }
  const rebuilt = (await honeBuild()) !== build;
  if (rebuilt)
    say("Hone was built anew meanwhile, so the rounds are not of one program: record none.");
  if (json === undefined) return;
  const hone = { build, rebuilt };
  const after = { loadAverage: os.loadavg(), quiet };
  const record = { rival, date, machine: before, hone, after, settings, result };
  await writeFile(json, `${JSON.stringify(record, undefined, 2)}\n`);
  console.log(`Results: ${json}`);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
