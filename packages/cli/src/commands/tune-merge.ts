/** `hone tune merge`. */
import { type Dataset, type Device, HoneError } from "@hone/core";
import { DATASET_NAMES } from "@hone/data";
import { type Arguments, misuse, readChoice, readNumber } from "../arguments.js";
import {
  backendOption,
  type Command,
  datasetOption,
  type Surroundings,
  threadsOption,
} from "../command.js";
import { asBackendChoice, backendChoices } from "../devices.js";
import { lockFolder } from "../files/folder-lock.js";
import { checkFileWritable, checkFolderWritable } from "../files/writable.js";
import { watchDownload } from "../progress.js";
import { finishSearch } from "../tune/finish.js";
import { type MergedSearch, mergeFolders } from "../tune/merge.js";
import type { SearchFolder } from "../tune/search-folder.js";
import { dataIdentity } from "../tune/settings.js";
import { openSearchData, openSearchDevice } from "../tune/surroundings.js";

/** What an evaluation takes at a time. */
const evaluationBatch = 256;

export const tuneMergeCommand: Command = {
  name: "tune merge",
  operands: "DIR...",
  summary: "join the shards of a search",
  description:
    "Joins what shards of one search left in their folders, writes the leaderboard that one process would have written, " +
    "and tests the winner. Refuses folders of different searches, and trials that are missing or there twice.",
  options: [
    { name: "out", value: "DIR", help: "the folder of the whole search (required)" },
    {
      ...datasetOption,
      help: "where the test images come from (default: the set that was searched with, by its name)",
    },
    {
      ...backendOption,
      help: `what tests: ${backendChoices.join(", ")} (default: what the trials were trained on)`,
    },
    threadsOption,
    { name: "json", value: "FILE", help: "write leaderboard and winner here as one JSON object" },
  ],
  run: merge,
};

async function merge(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const { options, operands } = given;
  const out = options.get("out");
  if (out === undefined)
    throw misuse(tuneMergeCommand, "--out is missing: the folder to join into");
  if (operands.length === 0) throw misuse(tuneMergeCommand, "no folder was given");
  const backend = readChoice(given, "backend", backendChoices);
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const json = options.get("json");
  await checkFolderWritable(out);
  if (json !== undefined) await checkFileWritable(json);
  const lock = await lockFolder(out, "hone tune merge");
  let device: Device | undefined;
  const openFor = async ({ folder, backend: trainedOn }: MergedSearch) => {
    const { trial } = folder.settings;
    const test = await openTest(folder, options.get("dataset"), { terminal, interrupt });
    const settings = {
      model: trial.space.model,
      threads,
      backend: backend ?? asBackendChoice(trainedOn),
    };
    const opened = await openSearchDevice(settings, folder.best()!.configuration, {
      mode: "predict",
      batchSize: evaluationBatch,
      steps: Math.ceil(test.rows / evaluationBatch),
      terminal,
    });
    device = opened.device;
    return { device, test };
  };
  try {
    const merged = await mergeFolders(operands, out);
    const { folder } = merged;
    const open = () => openFor(merged);
    await finishSearch({ folder, terminal, signal: interrupt.signal, open, json });
  } finally {
    terminal.show("");
    await device?.close();
    lock.release();
  }
}

/** The test images of the very data that was searched with. */
async function openTest(
  { settings }: SearchFolder,
  asked: string | undefined,
  { terminal, interrupt }: Surroundings,
): Promise<Dataset> {
  const { data, validation } = settings.trial;
  const dataset = asked ?? data.name;
  if (asked === undefined && !DATASET_NAMES.some((name) => name === data.name)) {
    const what = `the search's data set is '${data.name}', which has no place of its own. Give its folder with --dataset DIR.`;
    throw new HoneError("BadArgument", "tune merge", what);
  }
  const options = { dataset, limit: data.rows, validation };
  const { whole, test } = await openSearchData(options, interrupt.signal, watchDownload(terminal));
  const found = dataIdentity(dataset, whole);
  if (found.rows === data.rows && found.sha256 === data.sha256) return test;
  const what = `its ${found.rows} training images are not the ${data.rows} that were searched with. Give the same data set.`;
  throw new HoneError("BadData", dataset, what);
}
