/**
 * The folder of a search. Every finished trial is a file, written whole, so that whatever ends the search, what is
 * done stays done. Of the models only the best trial's is kept: it alone will be tested.
 *
 *     search.json   trials/trial-0003-epochs-10.json …   models/trial-0003-epochs-10/seed-1/model.json …
 */
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { HoneError } from "@hone/core";
import { writeWhole } from "../files/write-whole.js";
import { writeModelFiles } from "../model-folder.js";
import { byRank, type Job, lookAt, type Scores, type SearchPlan } from "./brackets.js";
import { difference, fingerprint, readSettings, type SearchSettings } from "./settings.js";
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

export class SearchFolder {
  readonly folder: string;
  readonly settings: SearchSettings;
  readonly plan: SearchPlan;
  readonly #records = new Map<string, TrialRecord>();
  #saving: Promise<void> = Promise.resolve();

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
    { shard = null, backend }: { readonly shard?: Shard | null; readonly backend: string },
    say: (text: string) => void,
  ): Promise<void> {
    const header: SearchHeader = { settings: this.settings, shard, backend };
    const before = await readHeader(this.folder);
    if (before !== undefined) this.#checkSame(before, header);
    const mine = fingerprint(this.settings.trial);
    for (const { file, record } of await readRecords(this.folder)) {
      if ("fault" in record) {
        say(`[hone] ${file}: ${record.fault}. Its trial is trained again.`);
      } else if (record.settings === mine) {
        this.take(record);
      }
    }
    const best = this.best();
    if (best?.outcome.status === "finished" && !this.hasModels(best)) {
      say(`[hone] ${this.folder}: the model of trial ${best.trial} is gone. It is trained again.`);
      this.#records.delete(jobKey(best));
    }
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

/** The `search.json` of a folder, or undefined where there is none. @throws BadArgument when it is damaged */
export async function readHeader(folder: string): Promise<SearchHeader | undefined> {
  const file = path.join(folder, "search.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  let json: { settings?: unknown; shard?: unknown; backend?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch {
    const what = 'it is cut off, or no JSON. Give a folder that "hone tune" wrote, or remove it.';
    throw new HoneError("BadArgument", file, what);
  }
  const { index, count } = (json?.shard ?? {}) as Partial<Shard>;
  const isShard = Number.isSafeInteger(index) && Number.isSafeInteger(count);
  return {
    settings: readSettings(json?.settings, file),
    shard: isShard ? { index: index!, count: count! } : null,
    backend: String(json?.backend),
  };
}

export interface RecordInFile {
  readonly file: string;
  readonly record: TrialRecord | { readonly fault: string };
}

/** Every trial's file of a folder, in order of its name; one whose name and content differ is at fault. */
export async function readRecords(folder: string): Promise<readonly RecordInFile[]> {
  const names = await readdir(path.join(folder, "trials")).catch(() => []);
  const found: RecordInFile[] = [];
  for (const name of names.filter((entry) => recordFile.test(entry)).sort()) {
    const file = path.join(folder, "trials", name);
    const record = readRecord(await readFile(file, "utf8"));
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
