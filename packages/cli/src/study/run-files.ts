/**
 * One file for each run that ended, under OUT/runs. A later study reads them in place of training again;
 * a file that says something else than what is asked for is never mixed in, nor written over.
 */
import path from "node:path";
import { HoneError } from "@hone/core";
import {
  decodePredictions,
  type StudyDevice,
  type StudyRun,
  type StudyRunSettings,
  studyRunFormat,
} from "@hone/report";
import { readInputIfThere, textOf } from "../files/read-input.js";
import {
  hasFields,
  isAmount,
  isAnyNumber,
  isListOf,
  isObject,
  isShare,
  isText,
  isWhole,
  parseJson,
} from "../files/shape.js";
import { writeWhole } from "../files/write-whole.js";
import { shortText } from "../short-json.js";
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
  const bytes = await readInputIfThere(file, runInput);
  if (bytes === undefined) return undefined;
  const run = parseRun(file, textOf(bytes));
  const other = difference(run.settings, settings);
  if (other !== undefined) throw mismatch(file, other);
  if (run.version !== version) {
    throw mismatch(file, { label: "Hone", there: run.version, asked: version });
  }
  // As asked for, and nothing else that the file may say.
  const { record, outcome, epochs, steps, time, device } = run;
  return { record, settings, outcome, epochs, steps, time, device, version };
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

const damaged = "Delete it, or give --out another folder.";
const runInput = { kind: "BadData", advice: damaged, longest: 2 ** 28 } as const;

const isRun = hasFields({
  record: (value) => value === studyRunFormat,
  settings: isObject,
  outcome: isObject,
  epochs: isListOf(
    hasFields({
      epoch: isWhole(1),
      loss: isAnyNumber,
      accuracy: isShare,
      testLoss: isAnyNumber,
      testAccuracy: isShare,
      seconds: isAmount,
    }),
  ),
  steps: isWhole(0),
  time: hasFields({
    trainingSeconds: isAmount,
    testingSeconds: isAmount,
    wallSeconds: isAmount,
  }),
  device: hasFields({
    backend: isText,
    description: isText,
    numerics: isText,
    threads: isWhole(1),
  }),
  version: isText,
});

function parseRun(file: string, text: string): StudyRun {
  const json = parseJson(text);
  if (isRun(json)) {
    const run = json as StudyRun;
    if (run.epochs.every(({ epoch }, index) => epoch === index + 1) && isOutcome(run)) return run;
  }
  throw new HoneError("BadData", file, `it is not the record of a whole run. ${damaged}`);
}

function isOutcome({ outcome, epochs, settings }: StudyRun): boolean {
  if (outcome.kind === "diverged") return isText(outcome.reason);
  if (outcome.kind !== "finished" || epochs.length !== settings.epochs) return false;
  const texts = hasFields({ classes: isText, confidence: isText });
  if (!texts(outcome.predictions)) return false;
  try {
    const { classes } = decodePredictions(outcome.predictions);
    return classes.length === settings.data?.testRows;
  } catch {
    return false;
  }
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
  const what = `this run was made with ${shortText(label)} ${shortText(there)}, and now it is ${shortText(asked)}.`;
  return new HoneError(
    "BadArgument",
    file,
    `${what} Give --out another folder, or the settings it was made with.`,
  );
}
