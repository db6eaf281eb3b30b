/** Processes that save checkpoints, as bundles of their own: started, listened to, killed. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { temporaryFolder } from "../../test/small-set.js";

export interface Said {
  readonly saved?: number;
  readonly failed?: number;
  readonly kind?: string;
  readonly message?: string;
}

export interface SavingProcess {
  readonly child: ChildProcess;
  /** What it has said by now. */
  readonly said: Said[];
  /** Everything, once it has ended. */
  readonly ended: Promise<readonly Said[]>;
}

/** The script as one file, where any user may read it, for the length of the test. */
export async function savingScript(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const outfile = join(folder, "saving-process.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL("saving-process.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    mainFields: ["module", "main"],
    conditions: ["@hone/source"],
    logLevel: "silent",
    outfile,
  });
  return outfile;
}

export function startProcess(
  command: readonly string[],
  options: SpawnOptions = {},
): SavingProcess {
  const [program = "", ...words] = command;
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(program, words, { ...options, stdio: [...stdio] });
  const said: Said[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => said.push(JSON.parse(line)));
  const ended = new Promise<readonly Said[]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(said));
  });
  return { child, said, ended };
}
