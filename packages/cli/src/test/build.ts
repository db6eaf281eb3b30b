/** The command as `npm run build` makes it, from the sources as they are now. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

export interface BuiltCommand {
  /** The script that Node is given. */
  readonly file: string;
  /** Runs `hone` with these words in a process of its own. */
  run(words: readonly string[], options?: RunOptions): Promise<Outcome>;
  remove(): Promise<void>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Files in place of what is caught. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** Kilobytes that a file may have. */
  readonly fileBlocks?: number;
  /** Of the user to be. */
  readonly uid?: number;
  /** Called with all of stderr and stdout so far whenever there is more. */
  readonly onStart?: (child: RunningCommand) => void;
  readonly onOutput?: (output: string, child: RunningCommand) => void;
}

export interface RunningCommand {
  readonly pid: number | undefined;
  /** Milliseconds run from the first call on. */
  kill(signal: NodeJS.Signals): void;
  closeStdout(): void;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the first signal sent to the end. */
  readonly endedAfterMs: number;
}

interface Bundling {
  readonly bundleSettings: BuildOptions;
  bundleCommand(): Promise<string>;
}

/** Not a literal: the script belongs to no package, and imports between packages go by name. */
const bundling = path.join(repository, "scripts/built-command.mjs");
const loadBundling = (): Promise<Bundling> => import(bundling);

/** Bundles packages/`name`, which needs no others from outside, into `folder` as index.mjs. */
export async function bundlePackage(name: string, folder: string): Promise<void> {
  const { bundleSettings } = await loadBundling();
  const entry = path.join(repository, "packages", name, "src/index.ts");
  await build({ ...bundleSettings, entryPoints: [entry], outdir: folder });
}

/** Bundles a script that imports sources by their full names. */
export async function bundleScript(code: string, outfile: string): Promise<void> {
  const { outExtension: _none, ...settings } = (await loadBundling()).bundleSettings;
  await build({ ...settings, stdin: { contents: code, resolveDir: repository }, outfile });
}

/** The command from the sources: as `npm test` has built it, or built now. */
export async function buildCommand(): Promise<BuiltCommand> {
  const given = process.env.HONE_TEST_COMMAND;
  const folder = given ?? (await (await loadBundling()).bundleCommand());
  const file = path.join(folder, "hone.mjs");
  return {
    file,
    run: (words, options = {}) => runProcess([file, ...words], options),
    remove: async () => {
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function runProcess(words: readonly string[], options: RunOptions): Promise<Outcome> {
  const files = [options.stdout, options.stderr].map((file) =>
    file === undefined ? "pipe" : openSync(file, "a"),
  );
  const command = [process.execPath, ...words];
  const { fileBlocks } = options;
  // bash counts in kilobytes, other shells in halves of them.
  const limit = ["bash", "-c", `ulimit -f ${fileBlocks}; exec "$0" "$@"`];
  const [program = "", ...rest] = fileBlocks === undefined ? command : [...limit, ...command];
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", ...files],
    ...(options.uid !== undefined && { uid: options.uid }),
  });
  for (const file of files) if (file !== "pipe") closeSync(file);
  let [stdout, stderr] = ["", ""];
  let signalledMs = Number.NaN;
  const running: RunningCommand = {
    pid: child.pid,
    kill(signal) {
      if (Number.isNaN(signalledMs)) signalledMs = performance.now();
      child.kill(signal);
    },
    closeStdout: () => child.stdout?.destroy(),
  };
  options.onStart?.(running);
  const look = () => options.onOutput?.(stderr + stdout, running);
  child.stdout?.on("data", (data) => {
    stdout += data;
    look();
  });
  child.stderr?.on("data", (data) => {
    stderr += data;
    look();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr, endedAfterMs: performance.now() - signalledMs });
    });
  });
}
