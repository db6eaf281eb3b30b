/** `hone bench-row`: one row of `hone bench`, once, in the process that it was started as. */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { deserialize, serialize } from "node:v8";
import {
  type Answer,
  ask,
  type BenchmarkData,
  type BenchmarkModel,
  type BenchmarkRow,
  benchmark,
  defaultSampling,
  identityOf,
  quickSampling,
  referenceAnswer,
} from "@hone/bench";
import { HoneError, takeRows } from "@hone/core";
import { isModelName, trainOptions, zoo } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import type { Arguments } from "../arguments.js";
import { benchBackend, engineName } from "../bench/backends.js";
import type { RowJob, RowMessage } from "../bench/job.js";
import type { Command, Surroundings } from "../command.js";
import { openLimited } from "../limited-data.js";
import { checkMeasurable, openModelFor } from "../model-files.js";

export const benchRowCommand: Command = {
  name: "bench-row",
  hidden: true,
  operands: "JOB",
  summary: "one row of hone bench, in this process",
  description: "Started by hone bench; JOB and what is printed are JSON.",
  options: [],
  run: benchRow,
};

/** Sign of life often enough, and too seldom to be felt in the figures. */
const progressMs = 1000;

async function benchRow(
  { operands }: Arguments,
  { terminal, interrupt: { signal } }: Surroundings,
): Promise<void> {
  if (operands[0] === undefined) {
    throw new HoneError("BadArgument", "bench-row", 'there is no job. Use "hone bench".');
  }
  const job = readJob(operands[0]);
  endWithParent();
  const say = (message: RowMessage) => terminal.print(JSON.stringify(message));
  let saidMs = Number.NEGATIVE_INFINITY;
  const progress = (text: string) => {
    if (performance.now() - saidMs < progressMs) return;
    saidMs = performance.now();
    say({ progress: text });
  };
  progress("starting");
  const { data, model } = await jobParts(job);
  if (job.task === "answer") {
    const { mode, batchSize, seed } = job;
    const device = await cpu({ precision: 64 }).open();
    const answer = await referenceAnswer(device, ask({ model, data, mode, batchSize, seed }));
    await writeFile(job.answerFile, serialize(answer));
    return say({ answered: true });
  }
  const answer = deserialize(await readFile(job.answerFile)) as Answer;
  say({ row: await measure(job, { model, data, answer, progress, signal }) });
  // A device that hangs would keep the process alive.
  setTimeout(() => process.exit(), 1000).unref();
}

async function measure(
  job: RowJob,
  parts: {
    readonly model: BenchmarkModel;
    readonly data: BenchmarkData;
    readonly answer: Answer;
    readonly progress: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<BenchmarkRow> {
  const { mode, batchSize, seed, epochs, evaluationsPerEpoch, latency, timeoutMs } = job;
  const identity = identityOf({ ...job, engine: engineName(job.backend) });
  let backend: Awaited<ReturnType<typeof benchBackend>>;
  try {
    backend = await benchBackend(job.backend, job.threads);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const absent = (error as { code?: string } | undefined)?.code === "ERR_MODULE_NOT_FOUND";
    const outcome = absent ? "cannot" : "failed";
    return { ...identity, outcome, reason: `it does not load: ${reason}` };
  }
  const [row] = await benchmark([parts.model], parts.data, {
    backends: [backend],
    reference: () => parts.answer,
    modes: [mode],
    batchSizes: [batchSize],
    seed,
    epochs: mode === "train" ? epochs : 0,
    evaluationsPerEpoch,
    latency,
    timeoutMs,
    sampling: job.quick ? quickSampling : defaultSampling,
    processMemory: () => 1024 * process.resourceUsage().maxRSS,
    onProgress: parts.progress,
    signal: parts.signal,
  });
  return { ...row!, ...identity };
}

/** A model of the zoo is trained by its published settings. */
async function jobParts(job: RowJob): Promise<{ data: BenchmarkData; model: BenchmarkModel }> {
  const { model: name, seed, dataset, epochs, limit } = job;
  const { train, test } = await openLimited(dataset, limit);
  const modelFor = await openModelFor({ name: "bench" }, name, seed);
  const { model, judging, dataFor } = modelFor(train);
  checkMeasurable(model, name);
  const rows = takeRows(train, 0, Math.min(limit ?? train.rows, train.rows));
  const data = { train: dataFor(rows), test: dataFor(test) };
  const { loss } = judging;
  const judged = { name, model, ...(loss !== undefined && { loss }) };
  if (!isModelName(name)) return { data, model: judged };
  const { defaults } = zoo[name];
  const { learningRate, augment } = trainOptions(defaults, dataset, Math.max(epochs, 1));
  const training = { ...(learningRate && { learningRate }), ...(augment && { augment }) };
  return { data, model: { ...judged, optimizer: defaults.optimizer, training } };
}

function readJob(text: string): RowJob {
  let job: unknown;
  try {
    job = JSON.parse(text);
  } catch {}
  if (typeof job === "object" && job !== null && "task" in job) return job as RowJob;
  throw new HoneError("BadArgument", "bench-row", 'its job is none. Use "hone bench".');
}

/** Standard input is a pipe from `hone bench`: its end is the end of what this is for. */
function endWithParent(): void {
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
  (process.stdin as { unref?: () => void }).unref?.();
}
