/** Joins the folders of shards, and refuses what does not belong together. */
import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { HoneError } from "@hone/core";
import { readInput } from "../files/read-input.js";
import { type Job, lookAt, shardOf } from "./brackets.js";
import {
  readHeader,
  readRecords,
  SearchFolder,
  type SearchHeader,
  type TrainedModel,
} from "./search-folder.js";
import { configurationsOf, difference, fingerprint, planOf } from "./settings.js";
import { jobKey, type TrialRecord } from "./trial-record.js";

interface Source {
  readonly folder: string;
  readonly header: SearchHeader;
}

export interface MergedSearch {
  readonly folder: SearchFolder;
  /** What the trials were trained on. */
  readonly backend: string;
}

/**
 * Makes `out` the folder of the whole search that `folders` hold the shares of.
 * @throws BadArgument naming what is of another search, there twice, missing or damaged; `out` is then as it was
 */
export async function mergeFolders(folders: readonly string[], out: string): Promise<MergedSearch> {
  await checkApart(folders, out);
  const sources = await readSources(folders);
  const [first] = sources as [Source];
  const { settings, backend } = first.header;
  await checkOut(out, first);
  const merged = new SearchFolder(out, settings, planOf(settings));
  const placeOf = await gather(sources, merged);
  checkComplete(sources, merged);
  const best = merged.best();
  const models =
    best === undefined ? [] : await readModels(best, placeOf.get(jobKey(best))!, merged);
  await merged.fill({ shard: null, backend }, models);
  return { folder: merged, backend };
}

async function checkApart(folders: readonly string[], out: string): Promise<void> {
  const real = (folder: string) => realpath(folder).catch(() => path.resolve(folder));
  const seen = new Set<string>();
  for (const folder of folders) {
    const place = await real(folder);
    if (seen.has(place)) throw refusal(folder, "it was given twice. Give each folder once");
    seen.add(place);
  }
  if (seen.has(await real(out))) {
    throw refusal(out, "it is --out and one of the folders to merge. Give another --out");
  }
}

async function readSources(folders: readonly string[]): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const folder of folders) {
    const header = await readHeader(folder);
    if (header === undefined) {
      throw refusal(folder, 'there is no search.json in it. Give folders that "hone tune" wrote');
    }
    const [first] = sources;
    const differs =
      first && difference([first.header.settings, first.folder], [header.settings, folder]);
    if (differs !== undefined) {
      throw refusal(
        folder,
        `it does not belong to ${first!.folder}: ${differs}. Give shards of one search`,
      );
    }
    sources.push({ folder, header });
  }
  return sources;
}

async function checkOut(out: string, { folder, header }: Source): Promise<void> {
  const before = await readHeader(out);
  if (before === undefined) return;
  const differs =
    difference([before.settings, "it"], [header.settings, folder]) ??
    (before.shard === null ? undefined : "it holds a shard");
  if (differs === undefined) return;
  throw refusal(out, `it holds another search: ${differs}. Give another --out`);
}

/** Puts the records of all sources into one folder; tells where each came from. */
async function gather(
  sources: readonly Source[],
  merged: SearchFolder,
): Promise<ReadonlyMap<string, string>> {
  const { settings, plan } = merged;
  const mine = fingerprint(settings.trial);
  const configurations = configurationsOf(settings, sources[0]!.folder);
  const places = new Map<string, string>();
  for (const { folder } of sources) {
    for (const { file, record } of await readRecords(folder)) {
      if ("fault" in record) {
        throw refusal(file, `${record.fault}. Run that shard again`);
      }
      // Left by the same search with other epochs.
      if (!plan.rungs.includes(record.epochs)) continue;
      const expected = JSON.stringify(configurations[record.trial - 1]);
      if (record.settings !== mine || JSON.stringify(record.configuration) !== expected) {
        throw refusal(
          file,
          "it was trained with other settings than search.json says. Run that shard again",
        );
      }
      const before = places.get(jobKey(record));
      if (before !== undefined) {
        throw refusal(folder, `trial ${record.trial} is in ${before} too. Give each shard once`);
      }
      places.set(jobKey(record), folder);
      merged.take(record);
    }
  }
  return places;
}

const mostNamed = 10;

function checkComplete(sources: readonly Source[], { plan, scores }: SearchFolder): void {
  const { ready } = lookAt(plan, scores);
  if (ready.length === 0) return;
  const shards = sources.find(({ header }) => header.shard !== null)?.header.shard?.count;
  const shardText = ({ trial }: Job) => {
    if (shards === undefined) return "";
    const index = Array.from({ length: shards }, (_, turn) => turn + 1).find((turn) =>
      shardOf(plan, turn, shards).brackets.some((bracket) => bracket.includes(trial)),
    );
    return ` of shard ${index}/${shards}`;
  };
  const halving = plan.rungs.length > 1;
  const names = ready
    .slice(0, mostNamed)
    .map(
      (job) => `trial ${job.trial}${halving ? ` for ${job.epochs} epochs` : ""}${shardText(job)}`,
    );
  const more = ready.length > mostNamed ? ` and ${ready.length - mostNamed} more` : "";
  const what = `${names.join(", ")}${more} ${ready.length === 1 ? "is" : "are"} missing. Run what is missing, or give its folder`;
  throw refusal("tune merge", what);
}

async function readModels(
  { outcome, ...job }: TrialRecord,
  place: string,
  { settings, plan }: SearchFolder,
): Promise<readonly TrainedModel[]> {
  if (outcome.status === "failed") return [];
  const source = new SearchFolder(place, settings, plan);
  const models: TrainedModel[] = [];
  for (const { seed } of outcome.seeds) {
    const folder = source.modelFolder(job, seed);
    const names: readonly string[] = await readdir(folder).catch(() => []);
    if (!names.includes("model.json")) {
      throw refusal(folder, `the winner's model is not there. Run the shard of ${place} again`);
    }
    const files = await Promise.all(
      names
        .filter((name) => !name.startsWith("."))
        .map(async (name) => [name, await readInput(path.join(folder, name), modelInput)] as const),
    );
    models.push({ seed, files: Object.fromEntries(files) });
  }
  return models;
}

const modelInput = {
  kind: "BadArgument",
  advice: "Give the folder as its shard left it.",
} as const;

function refusal(where: string, what: string): HoneError {
  return new HoneError("BadArgument", where, `${what}.`);
}
