/**
 * `npm run bench`: Hone's backends and its rivals at the same tasks, in turns, each row in a fresh process.
 * README.md beside this file tells the method and the bias.
 *
 *   npm run bench -- --quick                     every backend and installed rival once, within five minutes
 *   npm run bench -- --rounds 5 --json FILE      the long form: whole epochs, best settings, a quiet machine
 */
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { webgpu } from "@hone/webgpu";
import { findChromium, useSoftwareVulkan } from "../scripts/browser.mjs";
import { fullRows, quickRows } from "./bench/row-plan.mjs";
import { findPython, runPytorch, runScript, withFolder } from "./compare/fresh-process.mjs";
import { honeBuild } from "./compare/hone-build.mjs";
import { sweepPytorch } from "./compare/training.mjs";

const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const launcher = path.join(root, "packages/cli/bin/hone.mjs");

const options = {
  quick: { type: "boolean", default: false },
  rounds: { type: "string" },
  epochs: { type: "string", default: "5" },
  evaluations: { type: "string", default: "4" },
  dataset: { type: "string", default: "mnist" },
  json: { type: "string" },
  report: { type: "string" },
  python: { type: "string" },
  only: { type: "string" },
  sweep: { type: "boolean", default: true },
  "wait-for-quiet": { type: "boolean" },
  help: { type: "boolean", default: false },
};

const usage = `Usage: npm run bench -- [options]

  --quick               every backend and installed rival once, within five minutes
  --rounds N            default 5; with --quick 1
  --epochs N            whole epochs for time to accuracy (default 5; none with --quick)
  --evaluations N       looks at the test set an epoch (default 4)
  --dataset NAME        mnist or fashion-mnist (default mnist)
  --only TEXT           rows whose engine, task or model holds one of these words, with commas between
  --json FILE, --report FILE.html
  --python PROGRAM      a Python that has PyTorch
  --no-sweep            do not look for PyTorch's best settings first
  --no-wait-for-quiet   measure while other programs run
`;

const say = (line) => console.error(`[bench] ${line}`);

/** Files that rivals' rows need: known answers, and the cnn as ONNX where PyTorch is there to write it. */
async function prepareFiles(folder, { dataset, python }) {
  const known = {};
  for (const model of ["cnn", "mlp"]) {
    known[model] = path.join(folder, model);
    await runScript("hone/known-answer.mjs", { model, dataset, out: known[model] });
  }
  if (python === undefined) return { known };
  const onnx = path.join(folder, "cnn.onnx");
  const weights = path.join(known.cnn, "weights.bin");
  await runPytorch(python, { model: "cnn", exportOnnx: onnx, weights });
  return { known, onnx };
}

/** PyTorch's fastest settings here, thread counts apart, which are rows of their own. */
async function bestPytorch({ python, dataset }) {
  const best = {};
  for (const model of ["cnn", "mlp"]) {
    const rivalThreads = [1];
    const given = { python, model, dataset, rivalThreads, sweepLimit: 6400 };
    const [{ memoryFormat, adam }] = await sweepPytorch(given, say);
    best[model] = { memoryFormat, adam };
  }
  return best;
}

const matches = (only) => (row) => {
  const name = `${row.engine ?? row.backend} ${row.mode} ${row.model}`;
  return only === undefined || only.split(",").some((word) => name.includes(word));
};

/** What makes WebGPU work here: nothing where there is a GPU, else a browser's software driver. */
async function vulkanVariables() {
  const probe = await webgpu().probe();
  if (probe.ok) return {};
  const { VK_ICD_FILENAMES, LD_LIBRARY_PATH } = process.env;
  const variables = { VK_ICD_FILENAMES, LD_LIBRARY_PATH };
  useSoftwareVulkan(findChromium()?.icd, variables);
  return variables;
}

/** Runs `hone bench` with this process's own streams. @returns its exit code */
function runHone(words, env) {
  const child = spawn(process.execPath, [launcher, "bench", ...words], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  // The terminal sends an interrupt to both; the child answers it, and this waits for that.
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  const pass = () => child.kill("SIGTERM");
  process.on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function main() {
  const { values } = parseArgs({ options, allowNegative: true });
  if (values.help) return console.log(usage);
  const { quick, dataset, json, report } = values;
  const python = await findPython(values.python);
  const build = await honeBuild();
  const rounds = values.rounds ?? (quick ? "1" : "5");
  const quiet = values["wait-for-quiet"] ?? !quick;
  await withFolder(async (folder) => {
    say("making the answers that rivals are held to");
    const files = await prepareFiles(folder, { dataset, python });
    const sweeps = !quick && values.sweep && python !== undefined;
    const pytorch = sweeps ? await bestPytorch({ python, dataset }) : {};
    const cores = os.availableParallelism();
    const plan = { cores, dataset, python, pytorch, ...files };
    const epochs = Number(values.epochs);
    const evaluations = Number(values.evaluations);
    const all = quick ? quickRows(plan) : fullRows({ ...plan, epochs, evaluations });
    const rows = path.join(folder, "rows.json");
    await writeFile(rows, JSON.stringify(all.filter(matches(values.only))));
    const code = await runHone(
      [
        ...["--rows", rows, "--dataset", dataset, "--rounds", rounds],
        ...["--evaluations", values.evaluations],
        ...(quick ? ["--quick", "--timeout", "30"] : []),
        ...(quiet ? ["--wait-for-quiet"] : []),
        ...(json === undefined ? [] : ["--json", json]),
        ...(report === undefined ? [] : ["--report", report]),
      ],
      await vulkanVariables(),
    );
    process.exitCode = code;
    if (json !== undefined && code === 0) await addBuild(json, build);
  });
}

/** Which build was measured; a rebuild meanwhile would have compared two programs. */
async function addBuild(file, build) {
  const rebuilt = (await honeBuild()) !== build;
  if (rebuilt)
    say("Hone was built anew meanwhile: the rounds are not of one program. Record none.");
  const record = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, `${JSON.stringify({ ...record, build, rebuilt }, undefined, 2)}\n`);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
