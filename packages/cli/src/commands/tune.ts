/** `hone tune`. */
import path from "node:path";
import { HoneError } from "@hone/core";
import { version } from "../../package.json";
import type { Arguments } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { asBackendChoice } from "../devices.js";
import { type FolderLock, lockFolder } from "../files/folder-lock.js";
import { checkFileWritable, checkFolderWritable } from "../files/writable.js";
import { wrap } from "../help.js";
import { watchDownload } from "../progress.js";
import { lookAt, shardOf } from "../tune/brackets.js";
import { finishSearch, finishShard } from "../tune/finish.js";
import { counted } from "../tune/leaderboard.js";
import { readRequest, type TuneRequest, tuneOptions } from "../tune/options.js";
import { ownRunner, processRunner, type TrialRunner } from "../tune/runners.js";
import { searchTrials } from "../tune/search.js";
import { readHeader, SearchFolder } from "../tune/search-folder.js";
import { type DataIdentity, dataIdentity, planOf, type SearchSettings } from "../tune/settings.js";
import {
  openSearchData,
  openSearchDevice,
  trialSurroundings,
  type WorkerSettings,
} from "../tune/surroundings.js";
import { watchSearch } from "../tune/watch.js";
import { isWorker, serveTrials } from "../tune/worker.js";

export const tuneCommand: Command = {
  name: "tune",
  summary: "search for better settings of a model",
  description:
    "Trains a trial for each configuration of a search space, judges it on the last part of the training images, and ranks " +
    "all of them. The winner alone is tested on the test images, once. A finished trial is a file in --out: Ctrl-C loses only " +
    'what is running, and the same command goes on. Shards of one search are joined by "hone tune merge"; they, any --jobs ' +
    "and any --threads give the same leaderboard, byte for byte. packages/cli/TUNING.md shows clusters.",
  options: tuneOptions,
  run: tune,
};

async function tune(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  if (isWorker()) return serveTrials(interrupt);
  const request = await readRequest(given);
  const { out, json } = request;
  await checkFolderWritable(out);
  if (json !== undefined) await checkFileWritable(json);
  const lock = await lockFolder(out, "hone tune");
  try {
    await search(request, lock, { terminal, interrupt });
  } finally {
    lock.release();
  }
}

async function search(
  request: TuneRequest,
  lock: FolderLock,
  { terminal, interrupt }: Surroundings,
): Promise<void> {
  const { out, json, shard } = request;
  const { signal } = interrupt;
  const before = await readHeader(out);
  const data = await openSearchData(request, signal, watchDownload(terminal));
  const worker = workerSettings(request, before?.backend);
  const { device, why } = await openSearchDevice(worker, request.configurations[0]!, {
    batchSize: request.batchSize,
    steps: stepsOf(request, data.train.rows),
    data: data.train,
    terminal,
  });
  try {
    const { backend, description, numerics } = device.info;
    const settings = settingsOf(request, dataIdentity(request.dataset, data.whole), numerics);
    const whole = planOf(settings);
    const plan = shard ? shardOf(whole, shard.index, shard.count) : whole;
    const folder = new SearchFolder(out, settings, plan);
    await folder.begin({ shard: shard ?? null, backend, lock }, (text) => terminal.say(text));
    terminal.say(`tune  on ${backend}: ${description}`);
    const reason = worker.backend === request.backend ? why : `as the trials in ${out} before`;
    terminal.say(...wrap(reason, 82).map((line) => `      ${line}`));

    const childSettings = {
      ...worker,
      backend: asBackendChoice(backend),
      threads: worker.threads ?? 1,
    };
    await searchAll(request, folder, { terminal, interrupt }, () =>
      request.jobs > 1
        ? processRunner(childSettings, signal)
        : ownRunner(trialSurroundings(worker, data, device, signal)),
    );
    if (shard !== undefined) return await finishShard({ folder, terminal, json });
    const { test } = data;
    await finishSearch({ folder, terminal, signal, json, open: async () => ({ device, test }) });
  } finally {
    terminal.show("");
    await device.close();
  }
}

async function searchAll(
  request: TuneRequest,
  folder: SearchFolder,
  { terminal, interrupt }: Surroundings,
  makeRunner: () => TrialRunner,
): Promise<void> {
  const done = () => lookAt(folder.plan, folder.scores).known;
  const kept = () => {
    const count = done().length;
    if (count === 0) return "No trial had finished.";
    const trials = `${counted(count, "finished run")} of trials ${count === 1 ? "is" : "are"} kept`;
    return `${trials} in ${folder.folder}; the same command goes on from there.`;
  };
  const finished = done().map((job) => folder.record(job)!);
  if (finished.length > 0) {
    terminal.say(`tune  ${counted(finished.length, "run")} of trials finished before`);
  }
  const remember = () => {
    interrupt.lastWords = `[hone] tune: interrupted. ${kept()}`;
  };
  remember();
  const unfinished = await searchTrials({
    folder,
    configurations: request.configurations,
    jobs: request.jobs,
    makeRunner,
    view: watchSearch(terminal, folder.plan, request.seedsPerTrial, finished),
    say: (text) => terminal.say(text),
    onSaved: remember,
  });
  if (unfinished.length === 0) return;
  const names = unfinished.map(({ trial }) => trial).join(", ");
  const what = `the processes of trials ${names} ended before they were done. ${kept()}`;
  throw new HoneError("DeviceLost", "tune", what);
}

/** Steps of the whole search, about: what it is worth to choose a backend well. */
function stepsOf({ extent, seedsPerTrial, batchSize }: TuneRequest, rows: number): number {
  return extent.trials * extent.epochs * seedsPerTrial * Math.ceil(rows / batchSize);
}

/** @param before the backend that the folder's trials were trained on; "auto" stays with it */
function workerSettings(request: TuneRequest, before: string | undefined): WorkerSettings {
  const { space, backend, dataset, limit, validation, batchSize, seed, seedsPerTrial } = request;
  const unfinished = path.resolve(request.out, "unfinished");
  const same = backend === "auto" && before !== undefined ? asBackendChoice(before) : backend;
  return {
    model: space.model,
    backend: same,
    threads: request.threads,
    ...{ dataset, limit, validation, batchSize, seed, seedsPerTrial, unfinished },
  };
}

function settingsOf(request: TuneRequest, data: DataIdentity, numerics: string): SearchSettings {
  const { space, candidates, seed, seedsPerTrial, batchSize, validation, extent } = request;
  return {
    trial: {
      hone: version,
      ...{ space, candidates, seed, seedsPerTrial, batchSize, validation, data, numerics },
    },
    extent,
  };
}
