/**
 * Sees to it that a benchmark's processes and folder end with it, also when it is killed, which nothing in
 * itself can see to: a row's process may compute on its only thread for a minute, or be somebody else's
 * program. A shell waits beside them on a pipe from here; when that breaks, it ends what still runs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { cannotWrite } from "../files/file-fault.js";
import { hasEnded, type ProcessIdentity, thisProcess } from "../files/processes.js";
import { hasFields, isText, isWhole, parseJson } from "../files/shape.js";

const prefix = "hone-bench-";
const ownerName = "owner.json";
/** Until then a folder without an owner's file may be one that is being made. */
const ownerlessMs = 3_600_000;

/** Its words come one a line: `run` and `done` with the number of a process group. */
const script = `
  groups=' '
  while read -r word group; do
    case $word in
      run) groups="$groups$group ";;
      done) groups="\${groups%% $group *} \${groups#* $group }";;
    esac
  done
  for group in $groups; do kill -s KILL -- "-$group" || kill -KILL "-$group"; done
  rm -rf -- "$1"`;

export class BenchGuard {
  /** For the benchmark's files; gone when it is. */
  readonly folder: string;
  readonly #shell: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    // Windows has no such shell; a row's process there ends with its pipe, when it looks at it.
    if (process.platform === "win32") return;
    const shell = spawn("/bin/sh", ["-c", script, "hone-bench-guard", folder], {
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      // A group of its own: Ctrl-C in the terminal is not for it.
      detached: true,
    });
    shell.on("error", () => undefined);
    shell.stdin?.on("error", () => undefined);
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    this.#shell = shell;
  }

  /** Removes what killed benchmarks left, and makes a folder. @throws BadArgument when none can be made */
  static async open(parent = os.tmpdir()): Promise<BenchGuard> {
    removeLeftovers(parent);
    try {
      const folder = await mkdtemp(path.join(parent, prefix));
      writeFileSync(path.join(folder, ownerName), JSON.stringify(thisProcess()));
      const guard = new BenchGuard(folder);
      process.on("exit", guard.#remove);
      return guard;
    } catch (error) {
      throw cannotWrite(parent, error);
    }
  }

  /** A process group that ends with the benchmark, from its start to its end. */
  watch(group: number): { done(): void } {
    this.#shell?.stdin?.write(`run ${group}\n`);
    return { done: () => void this.#shell?.stdin?.write(`done ${group}\n`) };
  }

  close(): void {
    process.off("exit", this.#remove);
    this.#remove();
    this.#shell?.stdin?.end();
  }

  readonly #remove = () => rmSync(this.folder, { recursive: true, force: true });
}

/** Of benchmarks that were killed together with their guards. */
function removeLeftovers(parent: string): void {
  for (const name of namesIn(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(parent, name);
    try {
      if (isLeft(folder)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
}

function isLeft(folder: string): boolean {
  const found = statSync(folder);
  if (process.getuid !== undefined && found.uid !== process.getuid()) return false;
  const owner = ownerOf(folder);
  if (owner !== undefined) return hasEnded(owner) === true;
  return Date.now() - found.mtimeMs > ownerlessMs;
}

const isOwner = hasFields({ pid: isWhole(1), host: isText, system: isText, started: isText });

function ownerOf(folder: string): ProcessIdentity | undefined {
  try {
    const json = parseJson(readFileSync(path.join(folder, ownerName), "utf8"));
    return isOwner(json) ? (json as ProcessIdentity) : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(parent: string): readonly string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}
