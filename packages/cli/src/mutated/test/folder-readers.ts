/** Readers of what the commands keep: search spaces, rows, searches, runs of a study, choices. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pickFastest } from "@hone/core";
import { cpu } from "@hone/cpu";
import { encodePredictions, type StudyRun, studyFigures, studyRunFormat } from "@hone/report";
import { studyPage } from "@hone/report/html";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { rowsOfFile } from "../../bench/row-list.js";
import { htmlDocument } from "../../html-document.js";
import { readRun, writeRun } from "../../study/run-files.js";
import { draws } from "../../tune/candidates.js";
import { leaderboardOf, leaderboardText } from "../../tune/leaderboard.js";
import { mergeFolders } from "../../tune/merge.js";
import { writePage } from "../../tune/page.js";
import { SearchFolder } from "../../tune/search-folder.js";
import { configurationsOf, fingerprint, planOf, type SearchSettings } from "../../tune/settings.js";
import { publishedSpaces, readSpace } from "../../tune/space.js";
import type { TrialRecord } from "../../tune/trial-record.js";
import { textMutation } from "./mutate.js";
import type { Reader } from "./try-input.js";

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json, undefined, 1));
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const folderFor = (name: string) => mkdtemp(path.join(os.tmpdir(), `hone-mutated-${name}-`));
const common = { mutations: [textMutation], budgetBytes: 64 * 2 ** 20 } as const;

const ranges = {
  model: "cnn",
  parameters: {
    filters: { from: 8, to: 64 },
    dropout: { from: 0, to: 0.5 },
    learningRate: { from: 1e-4, to: 1e-2, scale: "log" },
    kernelSize: [3, 5],
  },
};

export const spaceReader: Reader = {
  name: "search space",
  samples: [bytesOf(publishedSpaces.cnn), bytesOf(publishedSpaces.mlp), bytesOf(ranges)],
  read(bytes) {
    const space = readSpace(textOf(bytes), "space.json");
    return draws(space, 4, 1, "space.json");
  },
  refuses: ["BadArgument"],
  ...common,
};

export async function rowsReader(): Promise<Reader> {
  const file = path.join(await folderFor("rows"), "rows.json");
  const rows = [
    { model: "cnn", mode: "train", batchSize: 64, backend: "cpu", epochs: 2, limit: 100 },
    { model: "mlp", mode: "predict", batchSize: 1, backend: "wasm", threads: 2, latency: true },
    {
      engine: "mine",
      variant: "fast",
      model: "mlp",
      mode: "predict",
      batchSize: 8,
      command: ["node", "mine.mjs"],
      env: { THREADS: "2" },
    },
  ];
  return {
    name: "rows of a benchmark",
    samples: [bytesOf(rows)],
    async read(bytes) {
      await writeFile(file, bytes);
      return rowsOfFile(file, "digits");
    },
    refuses: ["BadArgument"],
    objection: (_, given) => rowFault(given as readonly Readonly<Record<string, unknown>>[]),
    ...common,
  };
}

/** What a row holds is used as what its types say. */
function rowFault(rows: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
    dataset: (value) => typeof value === "string",
    variant: (value) => typeof value === "string",
    threads: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    epochs: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    limit: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    latency: (value) => typeof value === "boolean",
    env: (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((each) => typeof each === "string"),
  };
  for (const row of rows) {
    for (const [name, fits] of Object.entries(kinds)) {
      if (row[name] !== undefined && !fits(row[name]))
        return `${name}: ${JSON.stringify(row[name])}`;
    }
  }
  return undefined;
}

const search: SearchSettings = {
  trial: {
    hone: "0.1.0",
    space: readSpace(JSON.stringify({ model: "mlp", parameters: { dropout: [0.1, 0.2] } }), "x"),
    candidates: "grid",
    seed: 1,
    seedsPerTrial: 1,
    batchSize: 64,
    validation: 0.1,
    data: { name: "digits", rows: 100, sha256: "00" },
    numerics: "unfused",
  },
  extent: { search: "grid", trials: 2, epochs: 1, eta: null, bracketSize: null },
};

function trialRecord(trial: number): TrialRecord {
  const figures = { validationAccuracy: 0.5 + trial / 10, validationLoss: 1 };
  const epoch = { epoch: 1, loss: 1, accuracy: 0.5, ...figures };
  return {
    trial,
    epochs: 1,
    settings: fingerprint(search.trial),
    configuration: configurationsOf(search, "x")[trial - 1]!,
    outcome: { status: "finished", ...figures, seeds: [{ seed: 1, ...figures, epochs: [epoch] }] },
    run: {
      device: "cpu",
      threads: 1,
      trainingSeconds: 1,
      imagesPerSecond: 100,
      finishedAt: "2020-01-01T00:00:00.000Z",
    },
  };
}

/** A search's folder, of which the input is one file; it is merged, and its leaderboard and page are drawn. */
async function searchReader(name: string, place: string): Promise<Reader> {
  const [folder, out] = [await folderFor("search"), await folderFor("merged")];
  const whole = new SearchFolder(folder, search, planOf(search));
  await whole.begin({ backend: "cpu" }, () => undefined);
  const model = { seed: 1, files: { "model.json": bytesOf({}) } };
  for (const trial of [1, 2]) await whole.save(trialRecord(trial), [model]);
  const file = path.join(folder, place);
  return {
    name,
    samples: [new Uint8Array(await readFile(file))],
    async read(bytes) {
      await writeFile(file, bytes);
      await rm(out, { recursive: true, force: true });
      const { folder: merged } = await mergeFolders([folder], out);
      const { settings, plan, scores } = merged;
      const board = leaderboardOf(settings, plan, scores, (job) => merged.record(job));
      leaderboardText(board);
      await mkdir(out, { recursive: true });
      await writePage(out, board, undefined);
      return readFile(path.join(out, "tune.html"), "utf8");
    },
    refuses: ["BadArgument"],
    objection: (_, page) =>
      /<meta http-equiv=refresh|<script/.test(page as string) ? "its page holds markup" : undefined,
    share: 0.3,
    ...common,
  };
}

const studyRun: StudyRun = {
  record: studyRunFormat,
  settings: {
    model: "mlp",
    network: { family: "mlp", units: [128, 64], dropout: 0.5 },
    data: { name: "tiny", trainRows: 20, testRows: 4, fingerprint: "00" },
    optimizer: "adam",
    learningRate: 1e-3,
    batchSize: 4,
    epochs: 1,
    seed: 1,
  },
  outcome: {
    kind: "finished",
    predictions: encodePredictions({ classes: [0, 1, 1, 0], confidence: [1, 0.5, 0.75, 1] }),
  },
  epochs: [{ epoch: 1, loss: 1, accuracy: 0.5, testLoss: 1, testAccuracy: 0.5, seconds: 1 }],
  steps: 5,
  time: { trainingSeconds: 1, testingSeconds: 1, wallSeconds: 3 },
  device: { backend: "cpu", description: "JavaScript", numerics: "unfused", threads: 1 },
  version: "0.1.0",
};

/** A kept run of a study; what is taken for one becomes a study's page. */
async function studyReader(): Promise<Reader> {
  const out = await folderFor("study");
  await writeRun(out, studyRun);
  const file = path.join(out, "runs", "tiny-mlp-seed-1.json");
  const { settings, device, version } = studyRun;
  const models = [{ name: "mlp", network: settings.network, learningRate: settings.learningRate }];
  const study = {
    version,
    device,
    settings: {
      ...{ datasets: [settings.data], models, seeds: 1, variantSeeds: 1 },
      ...{ epochs: 1, batchSize: settings.batchSize },
    },
    why: "asked for",
    tests: [{ name: "tiny", classNames: ["a", "b"], labels: [0, 1, 0, 1], synthetic: false }],
  };
  const time = { ...studyRun.time, dataSeconds: 0, deviceSeconds: 0, reportSeconds: 0 };
  return {
    name: "kept run of a study",
    samples: [new Uint8Array(await readFile(file))],
    async read(bytes) {
      await writeFile(file, bytes);
      const run = await readRun(out, settings, version);
      const record = { ...study, runs: [run as StudyRun] };
      const parts = { record, figures: studyFigures(record), images: new Map(), explorations: [] };
      const made = { ...time, overhead: 1, runs: 1 };
      return studyPage({ ...parts, time: made }, { document: htmlDocument() }).html;
    },
    refuses: ["BadArgument", "BadData"],
    objection: (_, page) =>
      /<meta http-equiv=refresh|<script|NaN|undefined|\[object/.test(page as string)
        ? "its page holds markup, or what is no figure"
        : undefined,
    share: 0.3,
    ...common,
  };
}

/** A choice kept by `pickFastest`: whatever it holds, the device that opens computes. */
async function choiceReader(): Promise<Reader> {
  const items = new Map<string, string>();
  const store = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
  const backends = [cpu({ worker: false })];
  const settings = { loss: "meanSquaredError", steps: 1, batchSize: 2 } as const;
  const pick = async () => {
    const device = await pickFastest(backends, { for: model, store, ...settings });
    await device.close();
    return device.why;
  };
  await pick();
  const [[key, sample] = ["", ""]] = [...items];
  return {
    name: "kept choice",
    samples: [new TextEncoder().encode(sample)],
    async read(bytes) {
      items.set(key, textOf(bytes));
      return pick();
    },
    refuses: [],
    objection: (_, why) => (typeof why === "string" && why !== "" ? undefined : `why is ${why}`),
    share: 0.1,
    ...common,
  };
}

export async function folderReaders(): Promise<readonly Reader[]> {
  return [
    spaceReader,
    await rowsReader(),
    await searchReader("search.json", "search.json"),
    await searchReader("trial of a search", "trials/trial-0002-epochs-1.json"),
    await studyReader(),
    await choiceReader(),
  ];
}
