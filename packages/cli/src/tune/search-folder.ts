/**
 * The folder of a search. Every finished trial is a file, written whole, so that whatever ends the search, what is
 * done stays done. Of the models only the best trial's is kept: it alone will be tested.
 *
 *     search.json   trials/trial-0003-epochs-10.json …   models/trial-0003-epochs-10/seed-1/model.json …
 */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { HoneError } from "@hone/core";
import type { FolderLock } from "../files/folder-lock.js";
import { readInput, readInputIfThere, textOf } from "../files/read-input.js";
import { hasFields, isObject, isWhole, parseJson } from "../files/shape.js";
import { writeWhole } from "../files/write-whole.js";
import { writeModelFiles } from "../model-folder.js";
import { shortJson } from "../short-json.js";
import { byRank, type Job, lookAt, type Scores, type SearchPlan } from "./brackets.js";
import {
  configurationsOf,
  difference,
  fingerprint,
  readSettings,
  type SearchSettings,
} from "./settings.js";
import type { Shard } from "./shard.js";
import {
  jobKey,
  jobName,
  readRecord,
  recordFile,
  scoreOf,
  type TrialRecord,
} from "./trial-record.js";

/** A trained model as files, for the seed it was trained with. */
export interface TrainedModel {
  readonly seed: number;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** What `search.json` holds. */
export interface SearchHeader {
  readonly settings: SearchSettings;
  /** Null for the whole search. */
  readonly shard: Shard | null;
  /** What trained; `--backend auto` stays with it. */
  readonly backend: string;
}

/** What a search begins with in its folder. */
export interface SearchBeginning {
  /** The whole search unless given. */
  readonly shard?: Shard | null;
  readonly backend: string;
  /** Of the folder; looked at before anything is kept. */
  readonly lock?: FolderLock;
}

export class SearchFolder {
  readonly folder: string;
  readonly settings: SearchSettings;
  readonly plan: SearchPlan;
  readonly #records = new Map<string, TrialRecord>();
  #saving: Promise<void> = Promise.resolve();
  #lock: FolderLock | undefined;

  /** @param plan the share of the search that this folder holds */
  constructor(folder: string, settings: SearchSettings, plan: SearchPlan) {
    this.folder = folder;
    this.settings = settings;
    this.plan = plan;
  }

  readonly scores: Scores = (job) => {
    const record = this.#records.get(jobKey(job));
    return record && scoreOf(record);
  };

  record(job: Job): TrialRecord | undefined {
    return this.#records.get(jobKey(job));
  }

  /**
   * Makes the folder this search's: takes over what finished trials of the same settings it holds.
   * @param say told of files that cannot be used, whose trials are trained again
   * @throws BadArgument when it holds another search, or another share of this one
   */
  async begin(
    { shard = null, backend, lock }: SearchBeginning,
    say: (text: string) => void,
  ): Promise<void> {
    this.#lock = lock;
    const header: SearchHeader = { settings: this.settings, shard, backend };
    const before = await readHeader(this.folder);
    if (before !== undefined) this.#checkSame(before, header);
    const mine = fingerprint(this.settings.trial);
    const configurations = configurationsOf(this.settings, this.folder);
    for (const { file, record } of await readRecords(this.folder)) {
      if ("fault" in record) {
        say(`[hone] ${file}: ${record.fault}. Its trial is trained again.`);
      } else if (record.settings === mine) {
        const expected = JSON.stringify(configurations[record.trial - 1]);
        if (JSON.stringify(record.configuration) === expected) this.take(record);
        else say(`[hone] ${file}: it has another configuration. Its trial is trained again.`);
      }
    }
    const best = this.best();
    if (best?.outcome.status === "finished" && !this.hasModels(best)) {
      say(`[hone] ${this.folder}: the model of trial ${best.trial} is gone. It is trained again.`);
      this.#records.delete(jobKey(best));
    }
    await this.#dropStrayModels();
    await writeWhole(path.join(this.folder, "search.json"), jsonText(header));
  }

  /** Fills an empty folder with results from others. @throws BadArgument when it cannot be written */
  async fill(
    header: Omit<SearchHeader, "settings">,
    models: readonly TrainedModel[],
  ): Promise<void> {
    const best = this.best();
    if (best !== undefined) await this.#writeModels(best, models);
    for (const record of this.#records.values()) await this.#writeRecord(record);
    await writeWhole(
      path.join(this.folder, "search.json"),
      jsonText({ settings: this.settings, ...header }),
    );
  }

  /** Knows a record from now on, without writing it. */
  take(record: TrialRecord): void {
    this.#records.set(jobKey(record), record);
  }

  #checkSame(before: SearchHeader, now: SearchHeader): void {
    const differs =
      difference([before.settings, "it"], [now.settings, "this search"], { trialsOnly: true }) ??
      (JSON.stringify(before.shard) === JSON.stringify(now.shard)
        ? undefined
        : `it is ${shardText(before.shard)}, and this is ${shardText(now.shard)}`);
    if (differs === undefined) return;
    const what = `it holds results of another search: ${differs}. Give another --out, or the settings of that search.`;
    throw new HoneError("BadArgument", this.folder, what);
  }

  /**
   * Keeps a trial, and its models if no other is better. Trials that end together are kept one after another: each drops
   * the models of the one before it. @throws BadArgument when it cannot be written
   */
  async save(record: TrialRecord, models: readonly TrainedModel[]): Promise<void> {
    const saved = this.#saving.then(() => this.#save(record, models));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #save(record: TrialRecord, models: readonly TrainedModel[]): Promise<void> {
    await this.#lock?.check();
    const before = this.best();
    this.take(record);
    const isBest = this.best() === record && record.outcome.status === "finished";
    try {
      if (isBest) await this.#writeModels(record, models);
      // After the models: a trial whose file is there is done.
      await this.#writeRecord(record);
    } catch (error) {
      this.#records.delete(jobKey(record));
      throw error;
    }
    if (isBest && before !== undefined) await this.#dropModels(before);
  }

  async #writeRecord(record: TrialRecord): Promise<void> {
    const file = path.join(this.folder, "trials", `${jobName(record)}.json`);
    await writeWhole(file, jsonText(record));
  }

  async #writeModels(job: Job, models: readonly TrainedModel[]): Promise<void> {
    // What a trial that did not come to its end left there.
    await this.#dropModels(job);
    for (const { seed, files } of models) {
      await writeModelFiles(this.modelFolder(job, seed), files);
    }
  }

  async #dropModels(job: Job): Promise<void> {
    await rm(path.join(this.folder, "models", jobName(job)), { recursive: true, force: true });
  }

  /** Those of trials that were killed before they were kept, or before the models of the one before were dropped. */
  async #dropStrayModels(): Promise<void> {
    const best = this.best();
    const inPlan = new Set([...this.#records.values()].map(jobName));
    for (const name of await readdir(path.join(this.folder, "models")).catch(() => [])) {
      if (best !== undefined && name === jobName(best)) continue;
      const file = path.join(this.folder, "trials", `${name}.json`);
      if (!modelName.test(name) || (existsSync(file) && !inPlan.has(name))) continue;
      await rm(path.join(this.folder, "models", name), { recursive: true, force: true });
    }
  }

  /** The best trial so far, by the order of the leaderboard. */
  best(): TrialRecord | undefined {
    const known = lookAt(this.plan, this.scores).known.map((job) => this.record(job)!);
    return known.sort((a, b) =>
      byRank({ ...a, score: scoreOf(a) }, { ...b, score: scoreOf(b) }),
    )[0];
  }

  modelFolder(job: Job, seed: number): string {
    return path.join(this.folder, "models", jobName(job), `seed-${seed}`);
  }

  hasModels({ outcome, ...job }: TrialRecord): boolean {
    if (outcome.status === "failed") return false;
    return outcome.seeds.every(({ seed }) =>
      existsSync(path.join(this.modelFolder(job, seed), "model.json")),
    );
  }
}

const modelName = /^trial-\d+-epochs-\d+$/;

const searchInput = {
  kind: "BadArgument",
  advice: 'Give a folder that "hone tune" wrote, or remove it.',
  longest: 2 ** 26,
} as const;

/** The `search.json` of a folder, or undefined where there is none. @throws BadArgument when it is damaged */
export async function readHeader(folder: string): Promise<SearchHeader | undefined> {
  const file = path.join(folder, "search.json");
  const bytes = await readInputIfThere(file, searchInput);
  if (bytes === undefined) return undefined;
  const json = parseJson(textOf(bytes));
  const wrong = (what: string) =>
    new HoneError("BadArgument", file, `${what}. ${searchInput.advice}`);
  if (!isObject(json)) throw wrong("it is cut off, or no JSON");
  const { shard, backend } = json;
  if (shard !== null && !isShard(shard)) throw wrong(`"shard" is ${shortJson(shard)}`);
  if (typeof backend !== "string") throw wrong(`"backend" is ${shortJson(backend)}`);
  return { settings: readSettings(json.settings, file), shard: shard as Shard | null, backend };
}

function isShard(value: unknown): boolean {
  const wholes = hasFields({ index: isWhole(1), count: isWhole(1) });
  return wholes(value) && (value as Shard).index <= (value as Shard).count;
}

export interface RecordInFile {
  readonly file: string;
  readonly record: TrialRecord | { readonly fault: string };
}

const recordInput = {
  kind: "BadArgument",
  advice: "Remove it, and its trial is trained again.",
  longest: 2 ** 26,
} as const;

/**
 * Every trial's file of a folder, in order of its name; one whose name and content differ is at fault.
 * @throws BadArgument for what is no regular file
 */
export async function readRecords(folder: string): Promise<readonly RecordInFile[]> {
  const names = await readdir(path.join(folder, "trials")).catch(() => []);
  const found: RecordInFile[] = [];
  for (const name of names.filter((entry) => recordFile.test(entry)).sort()) {
    const file = path.join(folder, "trials", name);
    const record = readRecord(textOf(await readInput(file, recordInput)));
    const misnamed = !("fault" in record) && `${jobName(record)}.json` !== name;
    found.push({
      file,
      record: misnamed ? { fault: "it holds another trial than its name says" } : record,
    });
  }
  return found;
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

export function shardText(shard: Shard | null | undefined): string {
  return shard ? `shard ${shard.index}/${shard.count}` : "the whole search";
}
