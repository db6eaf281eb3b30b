/** Starts a row's process and waits for its row; a process that dies or falls silent is a row too. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { RowOutcome } from "@hone/bench";
import type { BenchGuard } from "./guard.js";

export interface RowProcess {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ended when it has said nothing for so long. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Ends the process should this one be killed. */
  readonly guard?: Pick<BenchGuard, "watch">;
}

/** How long a program that is asked to end may take for it. */
const graceMs = 500;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) kill(child, "SIGKILL");
});

/**
 * @returns the last JSON object the process printed, progress apart; or, when there is none, why
 * @throws what `signal` was aborted with
 */
export function runRowProcess(options: RowProcess): Promise<object | RowOutcome> {
  const { command, env, silenceMs, signal, onProgress } = options;
  signal.throwIfAborted();
  const [program, ...words] = command as [string, ...string[]];
  // A group of its own, so that what it starts ends with it.
  const child = spawn(program, words, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
    detached: process.platform !== "win32",
  });
  running.add(child);
  const watched = child.pid === undefined ? undefined : options.guard?.watch(child.pid);
  let [rest, errors] = ["", ""];
  let found: object | undefined;
  let silent = false;
  const end = () => {
    kill(child, "SIGTERM");
    setTimeout(() => kill(child, "SIGKILL"), graceMs);
  };
  const late = () => {
    silent = true;
    end();
  };
  let timer = setTimeout(late, silenceMs);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  child.stdout.on("data", (data: Buffer) => {
    clearTimeout(timer);
    timer = setTimeout(late, silenceMs);
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = objectOf(line);
      if (message === undefined) continue;
      if (typeof message.progress === "string") onProgress(message.progress);
      else found = message;
    }
  });
  child.stderr.on("data", (data: Buffer) => {
    errors = (errors + data.toString()).slice(-4000);
  });
  // What it does not read is no failure of ours.
  child.stdin.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    const done = (outcome: () => object | RowOutcome) => {
      clearTimeout(timer);
      running.delete(child);
      watched?.done();
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve(outcome());
    };
    child.on("error", (error) => done(() => failed(`${program} does not start: ${error.message}`)));
    child.on("close", (code, name) =>
      done(() => {
        const last = objectOf(rest) ?? found;
        if (last !== undefined) return last;
        if (silent) return failed(`it said nothing for ${silenceMs / 1000} s, and was ended`);
        const how = name === null ? `code ${code}` : name;
        return failed([`its process ended with ${how}`, lastWords(errors)].join(""));
      }),
    );
  });
}

const failed = (reason: string): RowOutcome => ({ outcome: "failed", reason });

/** The line of an error that says most: Hone's own, or the last. */
function lastWords(errors: string): string {
  const lines = errors
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^at |^Node\.js v/.test(line));
  const line =
    lines.findLast((each) => each.startsWith("[hone]")) ??
    lines.findLast((each) => /error/i.test(each)) ??
    lines.at(-1);
  return line === undefined ? "" : `: ${line.slice(0, 300)}`;
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Ends the whole group, which may outlive its first process. */
function kill(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}
