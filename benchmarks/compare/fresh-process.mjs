/** Programs in processes of their own, which answer with one JSON object. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const benchmarks = path.resolve(fileURLToPath(new URL("..", import.meta.url)));
const root = path.dirname(benchmarks);

/** Runs a program to its end. @throws with its own last words, when it fails */
async function runProgram(program, options) {
  try {
    const settings = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(program, options, settings)).stdout;
  } catch (error) {
    const said = (error.stderr ?? "").trim().split("\n");
    const words = said.find((line) => line.startsWith("[")) ?? (said.at(-1) || error.message);
    throw new Error(words, { cause: error });
  }
}

/** The options of a command line: `{ batchSize: 64, latency: true }` is `--batch-size 64 --latency`. */
function toArguments(options) {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== false)
    .flatMap(([name, value]) => {
      const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? [option] : [option, `${value}`];
    });
}

function lastObject(text) {
  const line = text
    .trim()
    .split("\n")
    .findLast((each) => each.startsWith("{"));
  if (line === undefined) throw new Error(`[benchmark] no JSON in: ${text.slice(0, 200)}`);
  return JSON.parse(line);
}

/** Runs `file` of benchmarks/ in a fresh Node. @returns the JSON object it printed */
export async function runScript(file, options) {
  const script = path.join(benchmarks, file);
  return lastObject(await runProgram(process.execPath, [script, ...toArguments(options)]));
}

/** Runs pytorch.py. @returns the JSON object it printed, or undefined for an export */
export async function runPytorch(python, options) {
  const script = path.join(benchmarks, "rivals/pytorch.py");
  const text = await runProgram(python, [script, ...toArguments(options)]);
  return options.exportOnnx === undefined ? lastObject(text) : undefined;
}

/**
 * A Python that has PyTorch: the one given, else the first of the usual ones.
 * @returns undefined where none has @throws when the given one has not
 */
export async function findPython(given) {
  for (const python of given === undefined ? ["python3", "/usr/bin/python3"] : [given]) {
    const found = await runProgram(python, ["-c", "import torch"]).catch(() => undefined);
    if (found !== undefined) return python;
  }
  if (given === undefined) return undefined;
  throw new Error(`[benchmark] ${given} has no PyTorch. Give --python another, or none.`);
}

/** Runs `hone train` as a person would, in a fresh Node. @returns what `--json` wrote */
export async function runHoneTrain(options) {
  return withFolder(async (folder) => {
    const json = path.join(folder, "result.json");
    const launcher = path.join(root, "packages/cli/bin/hone.mjs");
    const given = toArguments({ ...options, json });
    await runProgram(process.execPath, [launcher, "train", ...given]);
    return JSON.parse(await readFile(json, "utf8"));
  });
}

/** Calls `use` with a new folder, which is gone afterwards. */
export async function withFolder(use) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-compare-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
