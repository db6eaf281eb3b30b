/** Whole epochs of training: Hone in Node against PyTorch, and Hone against jax-js in one browser. */
import { runHoneTrain, runPytorch, runScript } from "./fresh-process.mjs";
import { report, takeTurns, tryTwice, usableThreads } from "./rounds.mjs";
import { epochRate } from "./statistics.mjs";

const unit = "images/s";

/** What a page's run gives to `onQuietMachine`. */
const figureOf = ({ imagesPerSecond, othersShare }) => ({ figure: imagesPerSecond, othersShare });

/** What `hone train` names; any other model is built by hone/training.mjs. */
const zooModels = ["cnn", "cnn-tuned", "mlp", "mlp-tuned"];

/** One run in Node. @returns images per second, as `epochRate` counts them */
async function trainInNode({ model, dataset, epochs, limit }, threads, seed) {
  const given = { model, dataset, threads, epochs, limit, seed };
  if (!zooModels.includes(model)) {
    return (await runScript("hone/train.mjs", given)).imagesPerSecond;
  }
  const result = await runHoneTrain({ ...given, backend: "wasm" });
  const seconds = result.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const images = Math.round((result.imagesPerSecond * seconds) / result.epochs.length);
  return epochRate(images, result.epochs);
}

/** Models that take no pictures in a memory format. */
const formless = ["mlp", "lstm-text", "transformer"];

/** The settings with which PyTorch is fastest here: each is tried twice, and its better try counts. */
export async function sweepPytorch({ python, model, dataset, rivalThreads, sweepLimit }, say) {
  const tried = [];
  for (const threads of rivalThreads) {
    for (const memoryFormat of formless.includes(model)
      ? ["contiguous"]
      : ["contiguous", "channels_last"]) {
      for (const adam of ["auto", "plain"]) {
        const settings = { threads, memoryFormat, adam };
        let version;
        const run = async () => {
          const given = { ...settings, model, dataset, limit: sweepLimit, epochs: 3 };
          const result = await runPytorch(python, given);
          version = result.version;
          return result.imagesPerSecond;
        };
        const imagesPerSecond = await tryTwice(run, say);
        tried.push({ ...settings, imagesPerSecond, version });
        const shown = `${threads} threads, ${memoryFormat}, Adam ${adam}`;
        say(`sweep: pytorch, ${shown}: ${Math.round(imagesPerSecond)} ${unit}`);
      }
    }
  }
  tried.sort((one, other) => other.imagesPerSecond - one.imagesPerSecond);
  return tried;
}

/** @returns figures and ratios of Hone, at each count of threads, over PyTorch at its best */
export async function comparePytorch(options, say) {
  const { python, model, dataset, epochs, limit, rounds } = options;
  const trial = (count) => trainInNode({ model, dataset, epochs: 1, limit: 64 }, count, 1);
  const threads = await usableThreads(options.threads, trial, say);
  const sweep = await sweepPytorch(options, say);
  const [{ version, imagesPerSecond, ...best }] = sweep;
  const hone = threads.map((count) => ({
    name: `hone ${model}, ${count} thread${count === 1 ? "" : "s"}`,
    run: (round) => trainInNode(options, count, round),
  }));
  const rival = {
    name: `pytorch ${model}, ${best.threads} thread${best.threads === 1 ? "" : "s"}`,
    run: async (seed) =>
      (await runPytorch(python, { ...best, model, dataset, epochs, limit, seed })).imagesPerSecond,
  };
  const figures = await takeTurns([...hone, rival], rounds, say);
  const names = { hone: hone.map(({ name }) => name), rival: rival.name, unit };
  return { version, best, sweep, ...report(figures, names) };
}

/** @returns figures and ratios of Hone over jax-js, both in the same Chromium */
export async function compareJax(options, say) {
  const { model, epochs, limit, rivalLimit, rivalThreads, rounds } = options;
  if (!["cnn", "mlp"].includes(model)) {
    throw new Error(`[benchmark] compare: jax-js has cnn and mlp, not ${model}.`);
  }
  const page = (given) => runScript("rivals/page.mjs", { task: "train", model, ...given });
  const trial = (threads) => page({ engine: "hone", threads, epochs: 1, limit: 64 });
  const threads = await usableThreads(options.threads, trial, say);
  const hone = threads.map((count) => ({
    name: `hone ${model} in a page, ${count} thread${count === 1 ? "" : "s"}`,
    run: async () => figureOf(await page({ engine: "hone", threads: count, epochs, limit })),
  }));
  let known = {};
  const most = Math.max(...rivalThreads);
  const rival = {
    name: `jax-js ${model} in a page, ${most} threads`,
    run: async () => {
      const given = { engine: "jax-js", threads: most, epochs, limit: rivalLimit };
      const result = await page(given);
      known = { version: result.version, browser: result.browser };
      return figureOf(result);
    },
  };
  const figures = await takeTurns([...hone, rival], rounds, say);
  const names = { hone: hone.map(({ name }) => name), rival: rival.name, unit };
  return { ...known, ...report(figures, names) };
}
