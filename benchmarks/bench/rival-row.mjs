/**
 * Measures one rival once, checks its answer against that of hone/known-answer.mjs, and prints a row as
 * `hone bench --rows` wants it. A wrong answer has no figures, as everywhere.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { accuracyTargets, timeToAccuracy } from "@hone/bench";
import { findChromium } from "../../scripts/browser.mjs";
import { runPytorch, runScript } from "../compare/fresh-process.mjs";

const rivals = path.resolve(fileURLToPath(new URL("../rivals", import.meta.url)));
const root = path.resolve(rivals, "../..");

/**
 * Ten times what Hone's backends are held to: rivals order sums and approximate functions by their own
 * rules, and Adam's first steps turn a rounding error into a step of full size.
 */
const lossLimit = 1e-4;
/** Of probabilities of one model in float32, summed in different orders. */
const outputLimit = 1e-5;

const installRivals = "npm ci --prefix benchmarks/rivals";
const installPytorch = "apt-get install python3-torch";
const installChromium = "apt-get install chromium, or set CHROME_PATH";

/** Installed where the repository's own packages, or the rivals', are. */
const hasPackage = (folder, name) => existsSync(path.join(folder, "node_modules", name));
const needsRivals = (name) => (hasPackage(rivals, name) ? undefined : installRivals);

function needsChromium() {
  try {
    return findChromium() === undefined ? installChromium : undefined;
  } catch (error) {
    return error.message;
  }
}

const needsModel = ({ onnx }) =>
  onnx !== undefined && existsSync(onnx)
    ? undefined
    : `${installPytorch}, whose exporter writes the ONNX model`;

/** How each rival is run, and what is missing where it cannot be. */
const engines = {
  pytorch: {
    needs: ({ python }) => (python === undefined ? installPytorch : undefined),
    run: ({ python, model, dataset, threads, epochs, limit, known, ...rest }) => {
      const { memoryFormat, adam, evaluations } = rest;
      const settings = { memoryFormat, adam, evaluations };
      return runPytorch(python, { model, dataset, threads, epochs, limit, known, ...settings });
    },
  },
  "jax-js": {
    needs: () => needsRivals("@jax-js/jax") ?? needsChromium(),
    run: ({ model, threads, epochs, limit, known }) =>
      runScript("rivals/page.mjs", { engine: "jax-js", model, threads, epochs, limit, known }),
  },
  "onnxruntime-web": {
    needs: (given) => needsRivals("onnxruntime-web") ?? needsModel(given),
    run: ({ onnx, batchSize, threads, seconds }) =>
      runScript("rivals/onnxruntime.mjs", { runtime: "web", onnx, batchSize, threads, seconds }),
  },
  "onnxruntime-node": {
    needs: (given) => needsRivals("onnxruntime-node") ?? needsModel(given),
    run: ({ onnx, batchSize, threads, seconds }) =>
      runScript("rivals/onnxruntime.mjs", { runtime: "node", onnx, batchSize, threads, seconds }),
  },
  // Not rivals, but what only a page has, or has otherwise.
  "tfjs-webgpu": inPage("tfjs-webgpu"),
  webgpu: inPage("webgpu"),
  wasm: inPage("wasm"),
  "tfjs-fit-wasm": tfjsFit("wasm"),
  "tfjs-fit-cpu": tfjsFit("cpu"),
};

/** Hone's own benchmark in Chromium, which checks by itself. */
function inPage(backend) {
  return {
    needs: needsChromium,
    run: ({ task, model, dataset, batchSize, threads, epochs, limit, quick }) => {
      const given = { task, model, dataset, batchSize, threads, epochs, limit, quick };
      return runScript("rivals/page.mjs", { engine: "hone-benchmark", backend, ...given });
    },
  };
}

function tfjsFit(backend) {
  return {
    needs: () => (hasPackage(root, `@tensorflow/tfjs-backend-${backend}`) ? undefined : "npm ci"),
    run: ({ task, model, dataset, epochs, limit, batchSize, seconds, known }) => {
      const given = { backend, task, model, dataset, epochs, limit, batchSize, seconds, known };
      return runScript("rivals/tfjs-fit.mjs", given);
    },
  };
}

function worstLoss(found, wanted) {
  return Math.max(...wanted.map((loss, step) => Math.abs(found[step] - loss) / Math.abs(loss)));
}

function worstOutput(found, wanted) {
  const rows = Math.min(found.length, wanted.length);
  let worst = rows > 0 ? 0 : Number.NaN;
  for (let at = 0; at < rows; at++) worst = Math.max(worst, Math.abs(found[at] - wanted[at]));
  return worst;
}

const nearness = (error) => (error === 0 ? "0" : error.toExponential(0));

/** What the check says, in words, or what is wrong. */
async function verify({ known, task }, { firstLosses, outputs }) {
  const answer = JSON.parse(await readFile(path.join(known, "answer.json"), "utf8"));
  if (task === "predict") {
    const worst = worstOutput(outputs, answer.outputs);
    if (worst <= outputLimit) return { verified: `predictions within ${nearness(worst)}` };
    return { wrong: `its predictions are off by ${worst}, allowed ${outputLimit}` };
  }
  const worst = worstLoss(firstLosses, answer.losses);
  if (worst <= lossLimit) return { verified: `3 losses within ${nearness(worst)}` };
  const shown = `${firstLosses.join(", ")} instead of ${answer.losses.join(", ")}`;
  return { wrong: `the losses of its first steps are ${shown}, allowed ${lossLimit} apart` };
}

/** Looks at the test set, over all epochs, and when an accuracy was reached. */
function learnedFigures(epochs, dataset) {
  let seconds = 0;
  const evaluations = epochs.flatMap((epoch, index) => {
    const begun = seconds;
    seconds += epoch.seconds;
    return (epoch.evaluations ?? []).map((look) => ({
      epochs: index + look.epochs,
      seconds: begun + look.seconds,
      accuracy: look.accuracy,
    }));
  });
  if (evaluations.length === 0) return {};
  const timesToAccuracy = accuracyTargets(dataset).map((accuracy) =>
    timeToAccuracy(evaluations, accuracy),
  );
  return { evaluations, timesToAccuracy, finalAccuracy: evaluations.at(-1).accuracy };
}

function figuresOf(result, dataset) {
  const { imagesPerSecond, medianMs, p95Ms, runs, epochs, processBytes } = result;
  const step = { p50Ms: medianMs, p95Ms, samples: runs, stepsPerSample: 1 };
  return {
    imagesPerSecond,
    ...(medianMs !== undefined && { step }),
    ...(epochs !== undefined && { epochSeconds: epochs.map(({ seconds }) => seconds) }),
    ...(epochs !== undefined && learnedFigures(epochs, dataset)),
    ...(processBytes !== undefined && { processBytes }),
    ...(result.othersShare !== undefined && { othersShare: result.othersShare }),
  };
}

function descriptionOf({ rival, version, browser, optimizer, memoryFormat }) {
  const place = browser === undefined ? [] : [`Chromium ${browser}`];
  return [`${rival} ${version}`, ...place, optimizer, memoryFormat].filter(Boolean).join(", ");
}

/** A page's own row; only the page knows what others used meanwhile. */
function withShare({ row, browser, othersShare }) {
  if (row.outcome !== "measured") return row;
  const description = `${row.device.description}, in Chromium ${browser}`;
  const rounds = row.rounds.map((round) => ({ ...round, othersShare }));
  return { ...row, device: { ...row.device, description }, rounds };
}

async function measure(given) {
  const engine = engines[given.rival];
  if (engine === undefined) {
    const names = Object.keys(engines).join(", ");
    throw new Error(`[benchmark] there is no rival ${given.rival}. Give one of ${names}.`);
  }
  const hint = engine.needs(given);
  if (hint !== undefined) return { outcome: "cannot", reason: "not installed", hint };
  let result;
  try {
    result = await engine.run(given);
  } catch (error) {
    const lacks = /Kernel '(\w+)' not registered/.exec(error.message);
    if (lacks) return { outcome: "cannot", reason: `it has no kernel ${lacks[1]}` };
    return { outcome: "failed", reason: error.message };
  }
  if (result.row !== undefined) return withShare(result);
  const { verified, wrong } = await verify(given, result);
  if (wrong !== undefined) return { outcome: "wrong", reason: wrong };
  const device = { description: descriptionOf(result), threads: result.threads };
  return { device, outcome: "measured", verified, rounds: [figuresOf(result, given.dataset)] };
}

const number = { type: "string" };
const { values } = parseArgs({
  options: {
    rival: { type: "string" },
    task: { type: "string", default: "train" },
    model: { type: "string", default: "cnn" },
    dataset: { type: "string", default: "mnist" },
    known: { type: "string" },
    onnx: { type: "string" },
    python: { type: "string" },
    threads: number,
    epochs: number,
    limit: number,
    "batch-size": number,
    seconds: number,
    "memory-format": { type: "string" },
    adam: { type: "string" },
    evaluations: number,
    quick: { type: "boolean", default: false },
  },
});

try {
  const { "batch-size": batchSize, "memory-format": memoryFormat, ...rest } = values;
  console.log(JSON.stringify({ row: await measure({ ...rest, batchSize, memoryFormat }) }));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
