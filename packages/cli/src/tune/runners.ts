/** Who trains trials: this process, or processes of the same command beside it. */
import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { type ErrorKind, HoneError } from "@hone/core";
import type { WorkerSettings } from "./surroundings.js";
import {
  runTrial,
  type TrialProgress,
  type TrialResult,
  type TrialSurroundings,
  type TrialTask,
} from "./trial.js";
import { type FromWorker, type ToWorker, workerVariable } from "./worker.js";

/** Trains one trial at a time. */
export interface TrialRunner {
  /** @throws ProcessGone when its process ended in the middle; what `runTrial` throws */
  run(task: TrialTask, onProgress: (progress: TrialProgress) => void): Promise<TrialResult>;
  close(): void;
}

/** A process of ours ended before its trial did. */
export class ProcessGone extends Error {}

/** Trains in this process; the device stays the caller's. */
export function ownRunner(surroundings: TrialSurroundings): TrialRunner {
  return {
    run: (task, onProgress) => runTrial(surroundings, task, onProgress),
    close() {},
  };
}

/** Characters of a process's last words to repeat. */
const lastWordsLength = 2000;

/** Trains in a process of its own, which starts with the first trial. @throws Aborted, when `signal` is */
export function processRunner(settings: WorkerSettings, signal: AbortSignal): TrialRunner {
  let child: ChildProcess | undefined;
  const end = () => {
    // It holds nothing that is worth a tidy end: files are written here.
    child?.kill("SIGKILL");
    child = undefined;
  };
  signal.addEventListener("abort", end);
  return {
    run(task, onProgress) {
      if (signal.aborted) return Promise.reject(aborted());
      child ??= startWorker(settings);
      return oneTrial(child, task, onProgress, signal);
    },
    close() {
      signal.removeEventListener("abort", end);
      end();
    },
  };
}

function startWorker(settings: WorkerSettings): ChildProcess {
  const child = fork(process.argv[1]!, ["tune"], {
    env: { ...process.env, [workerVariable]: "1" },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.on("error", () => undefined);
  send(child, { kind: "begin", settings });
  return child;
}

/** A process that is gone tells so by its exit. */
function send(child: ChildProcess, message: ToWorker): void {
  child.send(message, () => undefined);
}

function oneTrial(
  child: ChildProcess,
  task: TrialTask,
  onProgress: (progress: TrialProgress) => void,
  signal: AbortSignal,
): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    let said = "";
    const onSaid = (text: Buffer) => {
      said = (said + text).slice(-lastWordsLength);
    };
    const settle = (act: () => void) => {
      child.off("message", onMessage);
      child.off("close", onClose);
      child.stderr?.off("data", onSaid);
      act();
    };
    const onMessage = (message: FromWorker) => {
      if (message.kind === "progress") onProgress(message.progress);
      else if (message.kind === "done") settle(() => resolve(message.result));
      else settle(() => reject(errorFrom(message)));
    };
    const onClose = (code: number | null, killer: string | null) =>
      settle(() =>
        reject(signal.aborted ? aborted() : new ProcessGone(howItEnded(code, killer, said))),
      );
    child.on("message", onMessage);
    child.on("close", onClose);
    child.stderr?.on("data", onSaid);
    if (child.exitCode !== null || child.signalCode !== null) {
      return onClose(child.exitCode, child.signalCode);
    }
    send(child, { kind: "trial", task });
  });
}

function howItEnded(code: number | null, killer: string | null, said: string): string {
  const how = killer === null ? `ended with exit code ${code}` : `was killed (${killer})`;
  const last = said.trim().split("\n").at(-1);
  return last ? `${how}, saying: ${last}` : how;
}

function errorFrom({ error }: FromWorker & { readonly kind: "error" }): Error {
  const { kind, message } = error;
  if (kind === null) return new Error(message);
  // The message is whole already, with its place in front.
  const { 1: where = "tune", 2: what = message } = /^\[hone\] (.*?): (.*)$/s.exec(message) ?? [];
  return new HoneError(kind as ErrorKind, where, what);
}

function aborted(): HoneError {
  return new HoneError("Aborted", "tune", "it was interrupted. Run it again to go on.");
}
