/** One trial: a configuration trained from its seeds, and judged on the validation images after its last epoch. */
import {
  adam,
  classNamesOf,
  type Dataset,
  type Device,
  type EpochEnd,
  HoneError,
  isHoneError,
  type Progress,
} from "@hone/core";
import { encodeModel } from "@hone/core/io";
import { cnn, mlp, zoo } from "@hone/core/models";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { checkLastStep } from "../last-step.js";
import { compileUnfinished } from "../unfinished-run.js";
import type { Job } from "./brackets.js";
import type { TrainedModel } from "./search-folder.js";
import type { Configuration, TunedModel } from "./space.js";
import type { EpochFigures, SeedFigures, TrialOutcome, TrialRun } from "./trial-record.js";

/** All that a trial needs, beside its own job. */
export interface TrialSurroundings {
  readonly model: TunedModel;
  readonly device: Device;
  /** The images that train. */
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly batchSize: number;
  /** Of the first training run; the others follow it. */
  readonly seed: number;
  readonly seedsPerTrial: number;
  readonly signal: AbortSignal;
  /** Keeps trainings that are cut short. */
  readonly unfinished: string;
}

export interface TrialTask extends Job {
  readonly configuration: Configuration;
}

/** How far a trial is. */
export interface TrialProgress {
  /** Epochs done of all its training runs, with the part of the running one. */
  readonly epochsDone: number;
  /** From 1, in the running training run. */
  readonly epoch: number;
}

export interface TrialResult {
  readonly outcome: TrialOutcome;
  readonly run: TrialRun;
  /** One for each seed; none of a trial that failed. */
  readonly models: readonly TrainedModel[];
}

/** A model of this configuration; what it does not say is as in the zoo. */
export function configuredModel(
  model: TunedModel,
  configuration: Configuration,
  { seed, classes }: { readonly seed: number; readonly classes?: number },
): LayersModel {
  const { learningRate: _rate, batchSize: _size, ...parts } = configuration;
  const options = { ...parts, seed, ...(classes !== undefined && { classes }) };
  return model === "cnn" ? cnn(options) : mlp(options);
}

/**
 * Trains a trial. One that diverges has failed, which is a result; whatever else goes wrong is thrown.
 * @throws as `session.steps`, but Diverged
 */
export async function runTrial(
  surroundings: TrialSurroundings,
  task: TrialTask,
  onProgress: (progress: TrialProgress) => void,
): Promise<TrialResult> {
  const { device, seed, seedsPerTrial } = surroundings;
  const seeds: SeedFigures[] = [];
  const models: TrainedModel[] = [];
  const spent = { seconds: 0, images: 0 };
  let outcome: TrialOutcome | undefined;
  for (let run = 0; run < seedsPerTrial && outcome === undefined; run++) {
    const report = (epoch: number, part: number) =>
      onProgress({ epochsDone: run * task.epochs + epoch - 1 + part, epoch });
    try {
      const trained = await trainOnce(surroundings, task, seed + run, spent, report);
      seeds.push(trained.figures);
      models.push(trained.model);
    } catch (error) {
      if (!isHoneError(error, "Diverged")) throw error;
      outcome = { status: "failed", reason: `seed ${seed + run}: ${plainReason(error)}` };
    }
  }
  outcome ??= {
    status: "finished",
    validationAccuracy: mean(seeds.map(({ validationAccuracy }) => validationAccuracy)),
    validationLoss: mean(seeds.map(({ validationLoss }) => validationLoss)),
    seeds,
  };
  return {
    outcome,
    models: outcome.status === "failed" ? [] : models,
    run: {
      device: device.info.description,
      threads: device.info.threads,
      trainingSeconds: spent.seconds,
      imagesPerSecond: spent.seconds > 0 ? spent.images / spent.seconds : 0,
      finishedAt: new Date().toISOString(),
    },
  };
}

async function trainOnce(
  surroundings: TrialSurroundings,
  { configuration, epochs }: TrialTask,
  seed: number,
  spent: { seconds: number; images: number },
  report: (epoch: number, part: number) => void,
): Promise<{ readonly figures: SeedFigures; readonly model: TrainedModel }> {
  const { device, train, validation, signal } = surroundings;
  const name = surroundings.model;
  const learningRate = numberOf(configuration.learningRate, zoo[name].defaults.learningRate);
  const batchSize = numberOf(configuration.batchSize, surroundings.batchSize);
  const model = configuredModel(name, configuration, { seed, ...zoo[name].fitting(train) });
  const { session, store, resume, end } = await compileUnfinished(
    model,
    { device, seed, optimizer: adam(learningRate), failover: false },
    surroundings.unfinished,
    ["trial", name, configuration, epochs, batchSize, seed],
  );
  try {
    const ended = resume?.training?.ended ?? [];
    const history: EpochFigures[] = ended.map(epochFigures);
    spent.seconds += ended.reduce((sum, { seconds }) => sum + seconds, 0);
    spent.images += ended.length * train.rows;
    const options = { epochs, batchSize, validation, signal, checkpoints: { to: store } };
    for await (const record of session.steps(train, options)) {
      if (record.kind === "progress") {
        report(record.epoch, partOf(record));
        continue;
      }
      if (record.kind === "moved") continue;
      history.push(epochFigures(record));
      spent.seconds += record.seconds;
      spent.images += train.rows;
    }
    await checkLastStep(session, train, epochs);
    await session.writeBack(model);
    const classNames = classNamesOf(train);
    const files = await encodeModel(model, { ...(classNames && { metadata: { classNames } }) });
    const { validationAccuracy, validationLoss } = history.at(-1)!;
    const figures = { seed, validationAccuracy, validationLoss, epochs: history };
    await end();
    return { figures, model: { seed, files } };
  } finally {
    session.close();
    model.dispose();
  }
}

function epochFigures(record: EpochEnd): EpochFigures {
  const { epoch, loss, accuracy, validationLoss, validationAccuracy } = record;
  if (!Number.isFinite(validationLoss) || !Number.isFinite(validationAccuracy)) {
    throw new HoneError(
      "Diverged",
      `epoch ${epoch}`,
      `the validation loss is ${validationLoss}. Try a smaller learning rate.`,
    );
  }
  return {
    epoch,
    loss,
    accuracy,
    validationLoss: validationLoss!,
    validationAccuracy: validationAccuracy!,
  };
}

function partOf({ step, steps }: Progress): number {
  return step / steps;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** The first sentence of an error: what follows depends on when the last snapshot was taken. */
function plainReason({ message }: Error): string {
  return message.replace(/^\[hone\] /, "").replace(/\. .*$/s, "");
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
