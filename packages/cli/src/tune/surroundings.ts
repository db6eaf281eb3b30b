/** Opens what trials need: data and device. Shared by the process of the command and those it starts. */
import { type Dataset, type Device, split, takeRows } from "@hone/core";
import { zoo } from "@hone/core/models";
import { allBackends, type BackendChoice, type DeviceRequest, openDevice } from "../devices.js";
import { openLimited } from "../limited-data.js";
import type { DownloadedBytes } from "../progress.js";
import type { Configuration, TunedModel } from "./space.js";
import { configuredModel, type TrialSurroundings } from "./trial.js";

/** What a process that trains trials is told. */
export interface WorkerSettings {
  readonly model: TunedModel;
  readonly dataset: string;
  readonly limit: number | undefined;
  readonly validation: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly seedsPerTrial: number;
  readonly backend: BackendChoice;
  readonly threads: number | undefined;
  /** Keeps trainings that are cut short. */
  readonly unfinished: string;
}

export interface SearchData {
  /** All training images, those that judge included. */
  readonly whole: Dataset;
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** @throws BadArgument when the validation fraction leaves a part empty; as `openDataset` */
export async function openSearchData(
  { dataset, limit, validation }: Pick<WorkerSettings, "dataset" | "limit" | "validation">,
  signal: AbortSignal,
  progress?: (progress: DownloadedBytes) => void,
): Promise<SearchData> {
  const data = await openLimited(dataset, limit, {
    signal,
    ...(progress && { progress }),
  });
  const whole = takeRows(data.train, 0, Math.min(limit ?? data.train.rows, data.train.rows));
  return { whole, ...split(whole, validation), test: data.test };
}

/**
 * @param configuration of a trial, to pick a backend for
 * @param use what it is wanted for
 */
export async function openSearchDevice(
  { model, backend, threads }: Pick<WorkerSettings, "model" | "backend" | "threads">,
  configuration: Configuration,
  use: Pick<DeviceRequest, "mode" | "steps" | "data" | "batchSize" | "terminal">,
): Promise<{ readonly device: Device; readonly why: string }> {
  const built = configuredModel(model, configuration, {
    seed: 0,
    ...(use.data && zoo[model].fitting(use.data)),
  });
  try {
    const backends = allBackends(threads);
    return await openDevice({ choice: backend, backends, model: built, ...use });
  } finally {
    built.dispose();
  }
}

export function trialSurroundings(
  settings: WorkerSettings,
  { train, validation }: SearchData,
  device: Device,
  signal: AbortSignal,
): TrialSurroundings {
  const { model, batchSize, seed, seedsPerTrial, unfinished } = settings;
  return { model, device, train, validation, batchSize, seed, seedsPerTrial, signal, unfinished };
}
