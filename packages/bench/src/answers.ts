/**
 * What a row's own program must compute: a prediction, and the first training steps. The reference's
 * answer is plain data, so that it can be made once, in a process that is not measured.
 */
import {
  type CompileOptions,
  compile,
  type Dataset,
  type Device,
  HoneError,
  type LayersModelLike,
  type Session,
  type TrainOptions,
} from "@hone/core";
import type { TypedArray } from "@hone/core/backend";
import {
  type CapturedModel,
  captureModel,
  planInputs,
  predictionInputs,
} from "@hone/core/internals";
import { checkQuestion } from "./checks.js";
import type { Mode } from "./row.js";
import type { StepAnswer } from "./step-answer.js";
import { attempt } from "./time-limit.js";
import { TrainingProgram } from "./training-program.js";

/** Enough for what an optimizer keeps from step to step. */
export const STEPS = 3;
/** Rows predicted to check a training row, and at most to check a prediction row. */
const FEW_ROWS = 16;
const MOST_ROWS = 256;

/** What a backend computed of the rows that are checked. */
export interface Answer {
  /** Of the model as it began: [rows, …output]. */
  readonly outputs: TypedArray;
  readonly rows: number;
  /** The first steps, for training only. */
  readonly steps?: readonly StepAnswer[];
}

/** A model to measure, with what it is trained by. */
export interface BenchmarkModel extends Pick<CompileOptions, "optimizer" | "loss"> {
  readonly name: string;
  readonly model: LayersModelLike;
  /** How whole epochs are trained, beside the optimizer; steps alone are timed without. */
  readonly training?: Pick<TrainOptions, "augment" | "learningRate">;
}

/** The rows that a benchmark trains and tests on. */
export interface BenchmarkData {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** `mnist` for a pair whose training set is called `mnist train`. */
export function datasetName({ train }: BenchmarkData): string {
  return train.name.replace(/ train$/, "");
}

/** What is asked of a device. */
export interface Question {
  readonly model: BenchmarkModel;
  readonly data: BenchmarkData;
  readonly mode: Mode;
  readonly batchSize: number;
  /** Decides order and dropout. */
  readonly seed: number;
  readonly captured: CapturedModel;
}

/** @throws UnsupportedModel; BadArgument, as for a batch larger than the data */
export function ask(question: Omit<Question, "captured">): Question {
  checkQuestion("ask", question);
  const { model, seed, data, mode, batchSize } = question;
  const { optimizer, loss } = model;
  const set = mode === "train" ? data.train : data.test;
  if (batchSize > set.rows) {
    const what = `it is ${batchSize}, and data set "${set.name}" has ${set.rows} rows to ${mode} with. Give at most that many.`;
    throw new HoneError("BadArgument", "batchSize", what);
  }
  const settings = { seed, ...(optimizer && { optimizer }), ...(loss && { loss }) };
  return { ...question, captured: captureModel(model.model, settings) };
}

/** Rows that `rows` of an answer's outputs stand for. */
export function checkedRows({ mode, batchSize, data }: Question): number {
  const most = mode === "predict" ? Math.min(batchSize, MOST_ROWS) : FEW_ROWS;
  return Math.min(most, data.test.rows);
}

/**
 * The reference's answer. @param device opened from `cpu({ precision: 64 })`
 * @throws as a session does
 */
export async function referenceAnswer(device: Device, question: Question): Promise<Answer> {
  checkQuestion("referenceAnswer", question);
  if (typeof (device as Partial<Device> | null | undefined)?.load !== "function") {
    const what = "there is no device. Open one of cpu({ precision: 64 }).";
    throw new HoneError("BadArgument", "referenceAnswer", what);
  }
  const { captured, data, mode, batchSize } = question;
  const timeoutMs = 24 * 3600 * 1000;
  const rows = checkedRows(question);
  const outputs = await predictFirst(device, question, rows, timeoutMs);
  if (mode === "predict") return { outputs, rows };
  const parts = { device, captured, dataset: data.train, batchSize, timeoutMs };
  const program = await TrainingProgram.open(parts);
  try {
    const steps: StepAnswer[] = [];
    while (steps.length < STEPS) {
      await takeStep(program);
      steps.push(await program.answer());
    }
    return { outputs, rows, steps };
  } finally {
    program.dispose();
  }
}

export async function takeStep(program: TrainingProgram): Promise<void> {
  program.prepare(1);
  program.run();
  await program.sync();
}

/** A session over the model on this device. @throws as `compile` */
export function sessionOf(
  device: Device,
  { model: { model, optimizer, loss }, seed }: Pick<Question, "model" | "seed">,
  latency = false,
): Promise<Session<LayersModelLike>> {
  return compile(model, {
    device,
    seed,
    ...(optimizer && { optimizer }),
    ...(loss && { loss }),
    ...(latency && { latency }),
  });
}

/** Outputs for the first rows of the test set. @throws DeviceFault; TimeLimitError */
export async function predictFirst(
  device: Device,
  question: Pick<Question, "model" | "seed" | "captured" | "data">,
  rows: number,
  timeoutMs: number,
): Promise<Float32Array> {
  const session = await sessionOf(device, question);
  try {
    const input = inputRows(question.data.test, rows, question.captured);
    return (await attempt(timeoutMs, "a prediction", () => session.predict(input))).data;
  } finally {
    session.close();
  }
}

/** The first rows of a data set as `session.predict` takes them. @throws BadData, ShapeMismatch */
export function inputRows(
  dataset: Dataset,
  rows: number,
  { traced }: CapturedModel,
): Record<string, ShapedRows> {
  const { inputs } = planInputs(traced, dataset);
  const read = predictionInputs(traced, dataset, inputs, rows);
  return Object.fromEntries(
    read.map(({ values }, index) => {
      const { name, shape } = traced.inputs[index] as (typeof traced.inputs)[number];
      return [name, { data: values, shape: [rows, ...shape] }];
    }),
  );
}

/** Rows of one input: [rows, …shape]. */
interface ShapedRows {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}
