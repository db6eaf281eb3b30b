/** Backends × models × batch sizes × modes, one row each. */
import type { Backend, CompileOptions, Device, LayersModelLike } from "@hone/core";
import { accuracyTargets } from "./accuracy.js";
import {
  type Answer,
  ask,
  type BenchmarkData,
  type BenchmarkModel,
  datasetName,
  type Question,
  referenceAnswer,
} from "./answers.js";
import { checkBenchmark, checkData, checkModels } from "./checks.js";
import { identityFor, measureRow } from "./measure.js";
import { type Contender, runRounds } from "./rounds.js";
import type { BenchmarkRow, Mode } from "./row.js";
import { defaultSampling, type Sampling } from "./samples.js";

/** What a benchmark compares, and how long it takes for that. */
export interface BenchmarkOptions extends Pick<CompileOptions, "optimizer" | "loss"> {
  readonly backends: readonly Backend[];
  /**
   * Judges the answers: a device of `cpu({ precision: 64 })`; or a function that gives the answer
   * to a question, as `referenceAnswer` made it elsewhere.
   */
  readonly reference: Device | ((question: Question) => Answer | Promise<Answer>);
  /** [64] unless given. */
  readonly batchSizes?: readonly number[];
  /** Both unless given. */
  readonly modes?: readonly Mode[];
  /** Whole epochs to train, for time to accuracy; 0, which times steps alone, unless given. */
  readonly epochs?: number;
  /** Looks at the test set an epoch; 1 unless given. */
  readonly evaluationsPerEpoch?: number;
  /** Those of the data set (see `accuracyTargets`) unless given. */
  readonly accuracies?: readonly number[];
  /** Times every row so often, in turns; 1 unless given. */
  readonly rounds?: number;
  /** Decides order and dropout; 1 unless given. */
  readonly seed?: number;
  readonly sampling?: Sampling;
  /** Longest wait for one answer of a device: 60,000 milliseconds unless given. */
  readonly timeoutMs?: number;
  /** Predict as `compile` does with `latency: true`. */
  readonly latency?: boolean;
  /** The most bytes the process has held so far, where one can tell. */
  readonly processMemory?: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** Each row as soon as it has run. */
  readonly onRow?: (row: BenchmarkRow) => void;
}

const TIMEOUT_MS = 60_000;

/**
 * Measures backends on one model or several, and checks that what it measures computes right: a row
 * whose answer is wrong, or that throws or hangs, says so and has no figures. All rows share this
 * process; for a fresh one each, use `hone bench`.
 * @param model a tf.LayersModel, or named models with their own optimizers
 * @returns a row for each combination @throws Aborted; UnsupportedModel where the reference cannot either
 */
export async function benchmark(
  model: LayersModelLike | readonly BenchmarkModel[],
  data: BenchmarkData,
  options: BenchmarkOptions,
): Promise<BenchmarkRow[]> {
  checkModels("benchmark", model);
  checkData("benchmark", data);
  checkBenchmark("benchmark", options);
  const { optimizer, loss, rounds = 1, signal, onRow } = options;
  const models = isList(model)
    ? model
    : [{ name: model.name, model, ...(optimizer && { optimizer }), ...(loss && { loss }) }];
  const contenders: Contender[] = [];
  for (const one of models) {
    for (const mode of options.modes ?? (["train", "predict"] as const)) {
      for (const batchSize of options.batchSizes ?? [64]) {
        const question = { model: one, data, mode, batchSize, seed: options.seed ?? 1 };
        let answer: Promise<Answer> | undefined;
        for (const backend of options.backends) {
          const run = async () => {
            answer ??= answerOf(options.reference, question);
            return measureOne(backend, question, await answer, options);
          };
          const latency = options.latency ?? false;
          contenders.push({ identity: identityFor({ backend, question, latency }), run });
        }
      }
    }
  }
  return runRounds(contenders, { rounds, signal, ...(onRow && { onRow: (row) => onRow(row) }) });
}

const isList = (
  model: LayersModelLike | readonly BenchmarkModel[],
): model is readonly BenchmarkModel[] => Array.isArray(model);

async function answerOf(
  reference: BenchmarkOptions["reference"],
  question: Omit<Question, "captured">,
): Promise<Answer> {
  const asked = ask(question);
  return typeof reference === "function" ? reference(asked) : referenceAnswer(reference, asked);
}

function measureOne(
  backend: Backend,
  question: Omit<Question, "captured">,
  answer: Answer,
  options: BenchmarkOptions,
): Promise<BenchmarkRow> {
  return measureRow({
    backend,
    question,
    answer,
    epochs: options.epochs ?? 0,
    evaluationsPerEpoch: options.evaluationsPerEpoch ?? 1,
    targets: options.accuracies ?? accuracyTargets(datasetName(question.data)),
    sampling: options.sampling ?? defaultSampling,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    latency: options.latency ?? false,
    processMemory: options.processMemory,
    signal: options.signal,
    onProgress: options.onProgress ?? (() => undefined),
  });
}
