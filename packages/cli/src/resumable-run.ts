/**
 * The folder of `--checkpoint`: checkpoints of a training, and beside them the options it was begun with, so that
 * `--resume DIR` alone goes on with it.
 */
import path from "node:path";
import { HoneError, hasEnded, type SessionCheckpoint } from "@hone/core";
import { isModelName } from "@hone/core/models";
import { type CheckpointKeeper, checkpointFolder } from "@hone/data";
import { type Arguments, misuse } from "./arguments.js";
import type { Command } from "./command.js";
import { type FolderLock, lockFolder } from "./files/folder-lock.js";
import { readInputIfThere, textOf } from "./files/read-input.js";
import { hasFields, isObject, isText, parseJson } from "./files/shape.js";
import { checkFolderWritable } from "./files/writable.js";
import { writeWhole } from "./files/write-whole.js";

const optionsFile = "run.json";
const recordName = "hone training 1";
const longestOptions = 2 ** 20;

/** Options that decide what is computed: those of a run that is gone on with are its own. */
const deciding = [
  "model",
  "dataset",
  "batch-size",
  "learning-rate",
  "optimizer",
  "schedule",
  "output",
  "loss",
  "metrics",
  "augment",
  "seed",
  "validation",
  "limit",
  "freeze",
] as const;
/** Options that are kept too, and may be given anew. */
const kept = ["epochs", "out", "report", "json", "evaluate-each-epoch"] as const;
const places: readonly string[] = ["out", "report", "json"];

/** A run that keeps checkpoints, in a folder that this process alone uses. */
export interface ResumableRun {
  readonly folder: string;
  readonly store: CheckpointKeeper;
  /** With the options the run was begun with. */
  readonly given: Arguments;
  /** The state to go on from. */
  readonly resume: SessionCheckpoint | undefined;
  /** What there is to say of it. */
  readonly remarks: readonly string[];
  release(): void;
}

/**
 * What `--checkpoint` and `--resume` ask for; undefined where neither is given.
 * @throws BadArgument where there is nothing to go on with, where a run would be lost, and for options that are not
 * those of the run; BadModelFile where no checkpoint is whole
 */
export async function openResumableRun(
  command: Command,
  given: Arguments,
): Promise<ResumableRun | undefined> {
  const from = given.options.get("resume");
  const folder = given.options.get("checkpoint") ?? from;
  if (folder === undefined) return undefined;
  await checkFolderWritable(folder);
  const lock = await lockFolder(folder, `hone ${command.name}`);
  try {
    return from === undefined
      ? await begun(folder, given, lock)
      : await goneOn(command, { folder, from }, given, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Keeps the options, once they are known to be right. */
export async function keepOptions({ folder, given }: ResumableRun): Promise<void> {
  const options: Record<string, string> = {};
  for (const name of [...deciding, ...kept]) {
    const value = given.options.get(name);
    if (value !== undefined) options[name] = absolute(name, value);
  }
  const text = `${JSON.stringify({ record: recordName, options }, undefined, 2)}\n`;
  await writeWhole(path.join(folder, optionsFile), text);
}

async function begun(folder: string, given: Arguments, lock: FolderLock): Promise<ResumableRun> {
  const store = checkpointFolder(folder);
  const found = await store.latest();
  if (found && !given.options.has("overwrite")) {
    const { checkpoint } = found;
    const step = checkpoint.kind === "session" ? checkpoint.step : 0;
    const what = `it holds checkpoints of a training after step ${step}. Go on with it by --resume ${folder}, or give --overwrite to lose that.`;
    throw new HoneError("BadArgument", folder, what);
  }
  if (found) await store.clear();
  return { folder, store, given, resume: undefined, remarks: [], release: () => lock.release() };
}

async function goneOn(
  command: Command,
  { folder, from }: { readonly folder: string; readonly from: string },
  given: Arguments,
  lock: FolderLock,
): Promise<ResumableRun> {
  const found = await checkpointFolder(from).latest();
  const nothing = (what: string, help: string) =>
    new HoneError("BadArgument", from, `${what}. ${help}.`);
  const known = await keptOptions(from);
  const rest = {
    folder,
    store: checkpointFolder(folder),
    given: withKept(command, given, known),
    release: () => lock.release(),
  };
  if (!found && Object.keys(known).length > 0) {
    const remark = `[hone] ${from}: the run ended before its first checkpoint; it begins anew.`;
    return { ...rest, resume: undefined, remarks: [remark] };
  }
  if (!found) {
    throw nothing("there is no checkpoint", `Begin a run with --checkpoint ${from}`);
  }
  const { checkpoint, warning } = found;
  if (checkpoint.kind !== "session") {
    throw nothing("its checkpoint is of a program, not of a model", "Resume it by `program`");
  }
  const { training } = checkpoint;
  if (training === undefined || hasEnded(checkpoint)) {
    const help = "Its model is where --out said; begin another run with --checkpoint";
    throw nothing(`the training in it has ended, after ${checkpoint.step} steps`, help);
  }
  const { epoch, pass } = training;
  const place = `epoch ${epoch}${pass ? `, step ${pass.step}` : ""}`;
  const going = `[hone] ${from}: going on in ${place}.`;
  return { ...rest, resume: checkpoint, remarks: [...(warning ? [warning] : []), going] };
}

/** Options as they were kept; none where the checkpoints are somebody else's. */
async function keptOptions(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = path.join(folder, optionsFile);
  const advice = "Give the run's options again, without that file.";
  const bytes = await readInputIfThere(file, {
    kind: "BadData",
    advice,
    longest: longestOptions,
  });
  if (bytes === undefined) return {};
  const content = parseJson(textOf(bytes));
  const isRun = hasFields({
    record: (value) => value === recordName,
    options: (value) => isObject(value) && Object.values(value).every(isText),
  });
  if (isRun(content)) return (content as { options: Record<string, string> }).options;
  throw new HoneError("BadData", file, `it does not hold the options of a run. ${advice}`);
}

function withKept(
  command: Command,
  given: Arguments,
  known: Readonly<Record<string, string>>,
): Arguments {
  const options = new Map(given.options);
  for (const name of deciding) {
    const [now, then] = [options.get(name), known[name]];
    if (Object.keys(known).length > 0 && now !== undefined && absolute(name, now) !== then) {
      const began = then === undefined ? "without it" : `with '${then}'`;
      throw misuse(command, `--${name} is '${now}', and the run was begun ${began}. Leave it out`);
    }
    if (then !== undefined) options.set(name, then);
  }
  for (const name of kept) {
    const then = known[name];
    if (then !== undefined && !options.has(name)) options.set(name, then);
  }
  return { ...given, options };
}

/** Paths are kept so that they mean the same from any folder. */
function absolute(name: string, value: string): string {
  const isPath = places.includes(name) || (name === "model" && !isModelName(value));
  return isPath ? path.resolve(value) : value;
}
