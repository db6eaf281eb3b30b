/**
 * One file for each run that ended, under OUT/runs. A later study reads them in place of training again;
 * a file that says something else than what is asked for is never mixed in, nor written over.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { HoneError } from "@hone/core";
import {
  decodePredictions,
  type StudyDevice,
  type StudyRun,
  type StudyRunSettings,
  studyRunFormat,
} from "@hone/report";
import { writeWhole } from "../files/write-whole.js";
import { runName } from "./study-plan.js";

export function runFile(out: string, settings: StudyRunSettings): string {
  return path.join(out, "runs", `${runName(settings)}.json`);
}

export async function writeRun(out: string, run: StudyRun): Promise<void> {
  await writeWhole(runFile(out, run.settings), `${JSON.stringify(run, undefined, 1)}\n`);
}

/**
 * The record of a run that ended before, or undefined when there is none.
 * @throws BadData for a file that is no such record; BadArgument for one with other settings, or of
 * another version, naming what differs
 */
export async function readRun(
  out: string,
  settings: StudyRunSettings,
  version: string,
): Promise<StudyRun | undefined> {
  const file = runFile(out, settings);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const what = `it cannot be read (${message}). Check its permissions.`;
    throw new HoneError("BadData", file, what, { cause: error });
  }
  const run = parseRun(file, text);
  const other = difference(run.settings, settings);
  if (other !== undefined) throw mismatch(file, other);
  if (run.version !== version) {
    throw mismatch(file, { label: "Hone", there: run.version, asked: version });
  }
  return run;
}

/** @throws BadArgument when the kept runs were computed in another way than `device` computes */
export function checkSameDevice(
  kept: readonly { readonly file: string; readonly device: StudyDevice }[],
  device: StudyDevice,
): void {
  for (const { file, device: there } of kept) {
    const other = difference(
      { backend: there.backend, arithmetic: there.numerics, threads: there.threads },
      { backend: device.backend, arithmetic: device.numerics, threads: device.threads },
    );
    if (other !== undefined) throw mismatch(file, other);
  }
}

function parseRun(file: string, text: string): StudyRun {
  try {
    const run = JSON.parse(text) as StudyRun;
    const { record, settings, epochs, time, device, version, outcome } = run;
    const whole =
      record === studyRunFormat &&
      typeof version === "string" &&
      typeof device.numerics === "string" &&
      Number.isFinite(time.trainingSeconds) &&
      epochs.every((epoch) => Number.isFinite(epoch.testAccuracy));
    if (whole && outcome.kind === "diverged") return run;
    if (whole && outcome.kind === "finished" && epochs.length === settings.epochs) {
      const { classes } = decodePredictions(outcome.predictions);
      if (classes.length === settings.data.testRows) return run;
    }
  } catch {
    // Falls through: what is wrong with a damaged file does not matter to whoever finds it.
  }
  const what = "it is not the record of a whole run. Delete it, or give --out another folder.";
  throw new HoneError("BadData", file, what);
}

interface Other {
  readonly label: string;
  readonly there: string;
  readonly asked: string;
}

/** The first setting that is not the same. */
function difference(
  there: StudyRunSettings | Readonly<Record<string, unknown>>,
  asked: StudyRunSettings | Readonly<Record<string, unknown>>,
): Other | undefined {
  const flat = new Map(flatten(there));
  for (const [label, value] of flatten(asked)) {
    const found = flat.get(label) ?? "nothing";
    if (found !== value) return { label, there: found, asked: value };
  }
  return undefined;
}

function flatten(value: object, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([name, part]): [string, string][] =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? flatten(part, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof part === "string" ? part : JSON.stringify(part)]],
  );
}

function mismatch(file: string, { label, there, asked }: Other): HoneError {
  const what = `this run was made with ${label} ${there}, and now it is ${asked}.`;
  return new HoneError(
    "BadArgument",
    file,
    `${what} Give --out another folder, or the settings it was made with.`,
  );
}
