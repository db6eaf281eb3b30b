/** A study from its settings to its files: what is kept is read, what is missing is trained, then all is told. */
import path from "node:path";
import { type Dataset, type Device, takeRows } from "@hone/core";
import type { DatasetPair } from "@hone/data";
import type {
  StudyDevice,
  StudyModel,
  StudyRecord,
  StudyRun,
  StudyRunSettings,
  StudySettings,
  StudyTime,
} from "@hone/report";
import type { FolderLock } from "../files/folder-lock.js";
import type { Interrupt } from "../interrupt.js";
import { openLimited } from "../limited-data.js";
import { watchDownload } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { checkSameDevice, readRun, runFile, writeRun } from "./run-files.js";
import { multiplications } from "./study-models.js";
import { describeData, planRuns, runName } from "./study-plan.js";
import { type StudyView, watchStudy } from "./study-progress.js";
import { describeDevice, trainRun } from "./train-run.js";

export interface StudyRequest {
  readonly datasets: readonly string[];
  readonly models: readonly StudyModel[];
  readonly seeds: number;
  readonly variantSeeds: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Training images used of each set; all unless given. */
  readonly limit?: number;
  readonly out: string;
  /** Of `out`; looked at before anything is kept. */
  readonly lock?: FolderLock;
  readonly version: string;
  /** Called when there is something to train. */
  readonly open: (work: StudyWork) => Promise<{ readonly device: Device; readonly why: string }>;
}

/** What a device is wanted for. */
export interface StudyWork {
  /** The run with most to compute. */
  readonly largest: StudyRunSettings;
  /** Of all runs that are left. */
  readonly steps: number;
  readonly data: Dataset;
  /** The backend that earlier runs were made on. */
  readonly kept?: string;
}

export interface StudyOutcomes {
  readonly record: StudyRecord;
  readonly data: ReadonlyMap<string, DatasetPair>;
  /** Of this call; the report's time is not part of it yet. */
  readonly time: Omit<StudyTime, "wallSeconds" | "overhead" | "reportSeconds">;
}

/**
 * Trains what is missing of a study, each run's record written as it ends.
 * @throws BadArgument when kept runs have other settings, before anything is trained; Aborted, with
 * `interrupt.lastWords` saying what is kept
 */
export async function runStudy(
  request: StudyRequest,
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<StudyOutcomes> {
  const { out, version } = request;
  const beganMs = performance.now();
  const data = await openAll(request, terminal, interrupt.signal);
  const settings = settingsOf(request, data);
  const planned = planRuns(settings);
  const known = await readKnown(out, planned, version);
  const dataSeconds = (performance.now() - beganMs) / 1000;
  const missing = planned.filter((settings) => !known.has(settings));
  interrupt.lastWords = lastWords(out, known.size, planned.length);
  if (known.size > 0) {
    const kept = `${known.size} of ${planned.length} runs are kept from before`;
    const left = `${missing.length} ${missing.length === 1 ? "is" : "are"} left to train`;
    terminal.say(`study  ${kept}; ${left}`);
  }
  const openedMs = performance.now();
  const opened = missing.length > 0 ? await request.open(workOf(missing, data, known)) : undefined;
  const deviceSeconds = (performance.now() - openedMs) / 1000;
  let trained: readonly StudyRun[] = [];
  try {
    if (opened) {
      checkSameDevice(
        [...known].map(([settings, { device }]) => ({ file: runFile(out, settings), device })),
        describeDevice(opened.device),
      );
      const view = watchStudy(terminal, planned, [...known.values()]);
      const training = { request, data, device: opened.device, view, interrupt, terminal };
      trained = await trainAll(training, missing, known.size, planned.length);
    }
  } finally {
    terminal.show("");
    await opened?.device.close();
  }
  const runs = [...known.values(), ...trained];
  const total = (figure: (run: StudyRun) => number) =>
    trained.reduce((sum, run) => sum + figure(run), 0);
  const record: StudyRecord = {
    version,
    settings,
    device: opened ? describeDevice(opened.device) : (runs[0]?.device as StudyDevice),
    why: opened?.why ?? "all runs are kept from before",
    tests: [...data].map(([name, { test }]) => ({
      name,
      classNames: test.classNames ?? [],
      labels: test.columns.y.data,
      synthetic: test.synthetic ?? false,
    })),
    runs: inOrder(planned, runs),
  };
  return {
    record,
    data,
    time: {
      trainingSeconds: total(({ time }) => time.trainingSeconds),
      testingSeconds: total(({ time }) => time.testingSeconds),
      dataSeconds,
      deviceSeconds,
      runs: trained.length,
    },
  };
}

async function openAll(
  { datasets, limit }: StudyRequest,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DatasetPair>> {
  const progress = watchDownload(terminal);
  const pairs = new Map<string, DatasetPair>();
  for (const name of datasets) {
    const { train, test } = await openLimited(name, limit, { signal, progress });
    const rows = Math.min(limit ?? train.rows, train.rows);
    pairs.set(name, { train: takeRows(train, 0, rows), test });
  }
  return pairs;
}

function settingsOf(
  { models, seeds, variantSeeds, epochs, batchSize }: StudyRequest,
  data: ReadonlyMap<string, DatasetPair>,
): StudySettings {
  const datasets = [...data].map(([name, pair]) => describeData(name, pair));
  return { datasets, models, seeds, variantSeeds, epochs, batchSize };
}

async function readKnown(
  out: string,
  planned: readonly StudyRunSettings[],
  version: string,
): Promise<ReadonlyMap<StudyRunSettings, StudyRun>> {
  const known = new Map<StudyRunSettings, StudyRun>();
  for (const settings of planned) {
    const run = await readRun(out, settings, version);
    if (run) known.set(settings, run);
  }
  return known;
}

function workOf(
  missing: readonly StudyRunSettings[],
  data: ReadonlyMap<string, DatasetPair>,
  known: ReadonlyMap<StudyRunSettings, StudyRun>,
): StudyWork {
  const largest = missing.reduce((most, settings) =>
    multiplications(settings.network) > multiplications(most.network) ? settings : most,
  );
  const steps = missing.reduce(
    (sum, { data, epochs, batchSize }) => sum + epochs * Math.ceil(data.trainRows / batchSize),
    0,
  );
  const { train } = data.get(largest.data.name) as DatasetPair;
  const [kept] = known.values();
  return { largest, steps, data: train, ...(kept && { kept: kept.device.backend }) };
}

interface Training {
  readonly request: StudyRequest;
  readonly data: ReadonlyMap<string, DatasetPair>;
  readonly device: Device;
  readonly view: StudyView;
  readonly interrupt: Interrupt;
  readonly terminal: Terminal;
}

async function trainAll(
  training: Training,
  missing: readonly StudyRunSettings[],
  kept: number,
  total: number,
): Promise<readonly StudyRun[]> {
  const { request, data, device, view, interrupt, terminal } = training;
  const { out, version } = request;
  const trained: StudyRun[] = [];
  for (const settings of missing) {
    view.begin(settings);
    const run = await trainRun(settings, {
      data: data.get(settings.data.name) as DatasetPair,
      device,
      version,
      signal: interrupt.signal,
      unfinished: path.join(out, "unfinished"),
      onProgress: (progress) => view.step(progress),
      onWarning: (text) => terminal.say(`[hone] ${settings.model}: ${text}`),
    });
    // Written first: what a line says has ended is kept, whatever comes next.
    await request.lock?.check();
    await writeRun(out, run);
    trained.push(run);
    interrupt.lastWords = lastWords(out, kept + trained.length, total);
    view.end(run);
  }
  return trained;
}

function inOrder(
  planned: readonly StudyRunSettings[],
  runs: readonly StudyRun[],
): readonly StudyRun[] {
  const place = new Map(planned.map((settings, index) => [runName(settings), index]));
  const placeOf = ({ settings }: StudyRun) => place.get(runName(settings)) ?? 0;
  return [...runs].sort((a, b) => placeOf(a) - placeOf(b));
}

function lastWords(out: string, ended: number, total: number): string {
  const kept =
    ended === 0
      ? "No run has ended yet, and nothing was written."
      : `${ended} of ${total} runs ${ended === 1 ? "has ended and is" : "have ended and are"} kept in ${out}; the same command goes on from there.`;
  return `[hone] study: interrupted. ${kept}`;
}
