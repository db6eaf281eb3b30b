/** The other end of `processRunner`: `hone tune` as a process that trains the trials it is sent, and writes nothing. */
import process from "node:process";
import { isHoneError } from "@hone/core";
import type { Interrupt } from "../interrupt.js";
import {
  openSearchData,
  openSearchDevice,
  trialSurroundings,
  type WorkerSettings,
} from "./surroundings.js";
import {
  runTrial,
  type TrialProgress,
  type TrialResult,
  type TrialSurroundings,
  type TrialTask,
} from "./trial.js";

/** Set for a process that is one. */
export const workerVariable = "HONE_TUNE_WORKER";

export type ToWorker =
  | { readonly kind: "begin"; readonly settings: WorkerSettings }
  | { readonly kind: "trial"; readonly task: TrialTask };

export type FromWorker =
  | { readonly kind: "progress"; readonly progress: TrialProgress }
  | { readonly kind: "done"; readonly result: TrialResult }
  /** `kind` null for what is no error of ours to explain. */
  | {
      readonly kind: "error";
      readonly error: { readonly kind: string | null; readonly message: string };
    };

export function isWorker(): boolean {
  return process.env[workerVariable] === "1" && process.send !== undefined;
}

/** Serves until the process that started this one lets go of it. */
export async function serveTrials(interrupt: Interrupt): Promise<void> {
  const send = (message: FromWorker) => process.send?.(message, undefined, {}, () => undefined);
  let settings: WorkerSettings | undefined;
  let opening: Promise<TrialSurroundings> | undefined;
  process.on("message", async (message: ToWorker) => {
    if (message.kind === "begin") {
      settings = message.settings;
      return;
    }
    try {
      opening ??= open(settings!, message.task, interrupt.signal);
      const result = await runTrial(await opening, message.task, (progress) =>
        send({ kind: "progress", progress }),
      );
      send({ kind: "done", result });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      send({
        kind: "error",
        error: { kind: isHoneError(error) ? error.kind : null, message: text },
      });
    }
  });
  await new Promise((resolve) => process.once("disconnect", resolve));
  process.exit(0);
}

async function open(
  settings: WorkerSettings,
  task: TrialTask,
  signal: AbortSignal,
): Promise<TrialSurroundings> {
  const data = await openSearchData(settings, signal);
  const { device } = await openSearchDevice(settings, task.configuration, settings);
  return trialSurroundings(settings, data, device, signal);
}
