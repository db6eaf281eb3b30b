/** The cnn's predictions: Hone against ONNX Runtime, native and wasm, with the same weights. */
import path from "node:path";
import { runPytorch, runScript, withFolder } from "./fresh-process.mjs";
import { report, takeTurns, tryTwice, usableThreads } from "./rounds.mjs";

/** Probabilities of one model in float32, summed in different orders. */
const tolerance = 1e-5;

/** @throws when two engines do not say the same of the same images */
function checkSame(name, outputs, expected) {
  const differences = outputs.map((value, index) => Math.abs(value - expected[index]));
  const worst = differences.length === expected.length ? Math.max(...differences) : Number.NaN;
  if (worst <= tolerance) return;
  throw new Error(
    `[benchmark] compare: ${name} is off by ${worst} from Hone, allowed is ${tolerance}. A figure of a wrong answer is worth nothing.`,
  );
}

const countOf = (threads) => `${threads} thread${threads === 1 ? "" : "s"}`;

/**
 * @returns for each batch size: figures and ratios of Hone, at each count of threads, over each of
 * the two runtimes at the count that suits it best
 */
export function compareOnnxruntime(options, say) {
  return withFolder(async (folder) => {
    const weights = path.join(folder, "weights.bin");
    const onnx = path.join(folder, "cnn.onnx");
    await runScript("hone/predict.mjs", { writeWeights: weights });
    await runPytorch(options.python, { model: "cnn", exportOnnx: onnx, weights });
    const results = {};
    for (const batchSize of options.batchSizes) {
      say(`batch size ${batchSize}`);
      results[`batch ${batchSize}`] = await compareBatch({ ...options, batchSize, onnx }, say);
    }
    return results;
  });
}

async function compareBatch(options, say) {
  const { batchSize, onnx, page, latency, seconds, rounds } = options;
  const engines = page
    ? { hone: "rivals/page.mjs", web: "rivals/page.mjs" }
    : { hone: "hone/predict.mjs", node: "rivals/onnxruntime.mjs", web: "rivals/onnxruntime.mjs" };
  const versions = {};
  let expected;
  const run = async (engine, threads, given) => {
    const settings = { batchSize, threads, seconds, ...given };
    if (engine === "hone") {
      Object.assign(settings, { latency, ...(page && { engine, task: "predict" }) });
    } else {
      Object.assign(settings, {
        onnx,
        ...(page ? { engine: "onnxruntime-web" } : { runtime: engine }),
      });
    }
    const result = await runScript(engines[engine], settings);
    const name = result.rival ?? "hone";
    versions[name] = result.version ?? result.browser;
    expected ??= result.outputs;
    checkSame(name, result.outputs, expected);
    return { figure: result.imagesPerSecond, othersShare: result.othersShare };
  };
  const trial = (count) => run("hone", count, { seconds: 0.1 });
  const threads = await usableThreads(options.threads, trial, say);
  const hone = threads.map((count) => ({
    name: `hone predict, batch ${batchSize}, ${countOf(count)}`,
    run: () => run("hone", count),
  }));
  const rivals = [];
  for (const engine of Object.keys(engines).slice(1)) {
    rivals.push(await fastestOf(engine, run, options, say));
  }
  const figures = await takeTurns([...hone, ...rivals], rounds, say);
  const names = hone.map(({ name }) => name);
  const reports = rivals.map((rival) => {
    const own = new Map([...figures].filter(([name]) => [...names, rival.name].includes(name)));
    return report(own, { hone: names, rival: rival.name, unit: "images/s" });
  });
  return { versions, reports };
}

/** The runtime with the count of threads that suits it best, which two short tries each decide. */
async function fastestOf(engine, run, { rivalThreads, batchSize }, say) {
  let best;
  for (const threads of rivalThreads) {
    const rate = await tryTwice(() => run(engine, threads, { seconds: 0.5 }), say);
    say(`sweep: onnxruntime-${engine}, ${countOf(threads)}: ${Math.round(rate)} images/s`);
    if (best === undefined || rate > best.rate) best = { threads, rate };
  }
  const name = `onnxruntime-${engine}, batch ${batchSize}, ${countOf(best.threads)}`;
  return { name, run: () => run(engine, best.threads) };
}
