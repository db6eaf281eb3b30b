/**
 * The folder of `hone train --out`: what it means that there is something in it, and how a run is kept there.
 * Everything that a run puts there goes through here, with the folder's lock held.
 */
import path from "node:path";
import { HoneError } from "@hone/core";
import { readRegularText } from "@hone/data";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { type FolderLock, lockFolder } from "./files/folder-lock.js";
import { checkFolderWritable, checkRoom } from "./files/writable.js";
import { type WriteOptions, writeWhole } from "./files/write-whole.js";
import { freeStem, removeOrphans, writeModelFiles } from "./model-folder.js";

/** What a command wants to be done about a run that is there. */
export type EarlierRun = "refuse" | "overwrite";

/** Files that only a run leaves. */
const runFiles = ["model.json", "report.txt", "report.html", "MODEL-CARD.md"] as const;

/**
 * Takes the folder for a new run. Nothing in it is touched before the first epoch has ended.
 * @param command what others are told who want the folder too: `hone train`
 * @throws BadArgument when it cannot be written, another process has it, or an earlier run is there and is
 * not to be overwritten
 */
export async function openTrainingFolder(
  folder: string,
  command: string,
  earlierRun: EarlierRun,
): Promise<TrainingFolder> {
  await checkFolderWritable(folder);
  const lock = await lockFolder(folder, command);
  try {
    const there = await earlierRunIn(folder);
    if (there !== undefined && earlierRun === "refuse") {
      const what = `it holds ${there}. Give another --out, or --overwrite to lose that.`;
      throw new HoneError("BadArgument", folder, what);
    }
    await removeOrphans(folder);
    return new TrainingFolder(folder, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

export class TrainingFolder {
  /** As it was given. */
  readonly path: string;
  readonly #lock: FolderLock;

  constructor(folder: string, lock: FolderLock) {
    this.path = folder;
    this.#lock = lock;
  }

  /**
   * Keeps a model in place of the one before.
   * @param encode gives its files, the weights under names that begin with `stem`
   * @throws BadArgument; the model before is then still whole
   */
  async keepModel(
    encode: (stem: string) => Promise<Readonly<Record<string, Uint8Array>>>,
  ): Promise<void> {
    await this.#lock.check();
    await writeModelFiles(this.path, await encode(await freeStem(this.path)));
  }

  /** @throws BadArgument */
  async keepText(
    name: "report.txt" | "report.html" | "MODEL-CARD.md",
    text: string,
    options?: WriteOptions,
  ): Promise<void> {
    await this.#lock.check();
    await writeWhole(path.join(this.path, name), text, options);
  }

  /** @throws BadArgument when the disk has no room for the model's files */
  async checkRoomFor(model: LayersModel): Promise<void> {
    await checkRoom(this.path, bytesOfWeight * model.countParams() + bytesOfReports);
  }

  release(): void {
    this.#lock.release();
  }
}

const bytesOfWeight = 4;
/** Topology and reports, at least. */
const bytesOfReports = 100_000;

/** A run that is in the folder, in words; undefined where there is none. */
export async function earlierRunIn(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of runFiles) {
    const text = await readRegularText(path.join(folder, name)).catch((error: unknown) =>
      (error as { readonly isAbsent?: boolean }).isAbsent === true ? undefined : "",
    );
    if (text === undefined) continue;
    if (name === "report.txt") return describeReport(text);
    found.push(name);
  }
  return found.length === 0 ? undefined : `a ${found.join(" and a ")}`;
}

/** What a report says of its run: model, data and the outcome, or how far it came. */
function describeReport(text: string): string {
  const line = (label: string) => new RegExp(`^${label} +(\\S.*)$`, "m").exec(text)?.[1];
  const [model, data, test] = [line("Model"), line("Data"), line("Test")];
  if (model === undefined || data === undefined) return "a report.txt";
  const run = `a run of ${model} on ${data.split(",")[0]}`;
  if (test !== undefined) return `${run}: ${test.replace(/ on .*$/, "")} in its test`;
  const epochs = text.match(/^ +\d+ +[\d.]/gm)?.length ?? 0;
  return `${run}, cut short after epoch ${epochs}`;
}
