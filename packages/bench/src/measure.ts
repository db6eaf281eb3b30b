/**
 * One row, once: a cold start, the check of its answer, samples, and whole epochs.
 *
 * The cold start comes first because it can only be had once; like every other figure it is dropped when
 * the answer turns out wrong.
 */
import { type Backend, type Device, isHoneError, verifyDevice } from "@hone/core";
import { otherVersion } from "@hone/core/internals";
import {
  type Answer,
  ask,
  datasetName,
  inputRows,
  predictFirst,
  type Question,
  sessionOf,
  takeStep,
} from "./answers.js";
import { type LearningOptions, learn } from "./learning.js";
import type {
  BenchmarkRow,
  FirstStepFigures,
  RoundFigures,
  RowIdentity,
  RowOutcome,
} from "./row.js";
import { type Sampling, sampleSteps } from "./samples.js";
import type { StepAnswer } from "./step-answer.js";
import { attempt, messageOf } from "./time-limit.js";
import { TrainingProgram } from "./training-program.js";
import { checkOutputs, checkTraining, WrongAnswer } from "./verify.js";

export interface MeasureOptions extends Omit<LearningOptions, "batchSize" | "training"> {
  readonly backend: Backend;
  readonly question: Omit<Question, "captured">;
  /** What is right: the reference's answer to the question. */
  readonly answer: Answer;
  readonly sampling: Sampling;
  /** Predict as `compile` does with `latency: true`. */
  readonly latency: boolean;
  /** The most bytes the process has held so far. */
  readonly processMemory?: (() => number) | undefined;
}

/** Longest wait for a device to close, which is past caring about. */
const CLOSING_MS = 2000;

/** Never throws for what a backend does wrong: the row says it. @throws Aborted, as `signal` says */
export async function measureRow(options: MeasureOptions): Promise<BenchmarkRow> {
  const { backend, signal } = options;
  const identity = identityFor(options);
  let device: Device | undefined;
  try {
    const reason = otherVersion(backend);
    if (reason !== undefined) return { ...identity, outcome: "cannot", reason };
    const probe = await attempt(options.timeoutMs, "probe", () => backend.probe());
    if (!probe.ok) {
      return { ...identity, outcome: "cannot", reason: probe.reason, hint: probe.hint };
    }
    options.onProgress("opening");
    const beganMs = performance.now();
    device = await attempt(options.timeoutMs, "open", () => backend.open());
    const openMs = performance.now() - beganMs;
    const measure = options.question.mode === "train" ? measureTraining : measurePrediction;
    const outcome = await measure(device, openMs, options);
    return { ...identity, device: device.info, ...outcome };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...identity, ...(device && { device: device.info }), ...outcomeOf(error) };
  } finally {
    const closing = device;
    if (closing) await attempt(CLOSING_MS, "close", () => closing.close()).catch(() => undefined);
  }
}

export function identityFor({
  backend,
  question: { model, data, mode, batchSize },
  latency,
}: Pick<MeasureOptions, "backend" | "question" | "latency">): RowIdentity {
  const plain = {
    engine: backend.name,
    model: model.name,
    dataset: datasetName(data),
    mode,
    batchSize,
  };
  return latency && mode === "predict" ? { ...plain, variant: "latency" } : plain;
}

async function measureTraining(
  device: Device,
  openMs: number,
  options: MeasureOptions,
): Promise<RowOutcome> {
  const { answer, timeoutMs, signal, onProgress, epochs } = options;
  const { steps: wanted } = answer;
  if (!wanted) throw new Error("internal: the reference did not train");
  onProgress("compiling");
  const compileMs = performance.now();
  const question = ask(options.question);
  const { captured, data, batchSize } = question;
  const parts = { device, captured, dataset: data.train, batchSize, timeoutMs };
  const program = await TrainingProgram.open(parts);
  try {
    const stepMs = performance.now();
    await takeStep(program);
    const firstStep = firstFigures(openMs, stepMs - compileMs, performance.now() - stepMs);
    onProgress("checking its answer");
    const agreement = checkTraining(await answers(program, wanted), wanted, captured);
    const outputs = await predictFirst(device, question, answer.rows, timeoutMs);
    const verified = `${agreement}, ${checkOutputs(outputs, answer.outputs)}`;
    await checkDevice(device, timeoutMs);
    const sampled = {
      prepare: async (steps: number) => {
        program.prepare(steps);
        await program.sync();
      },
      run: () => {
        program.run();
        return program.sync();
      },
      mostSteps: program.mostSteps,
    };
    const onSample = () => onProgress("timing steps");
    const step = await sampleSteps(sampled, options.sampling, { signal, onSample });
    const [last] = (await program.losses(1)) as [number];
    if (!Number.isFinite(last)) throw new WrongAnswer(`the loss became ${last} while it was timed`);
    let deviceBytes = (await device.memory()).bytes;
    program.dispose();
    let learned: Partial<RoundFigures> = {};
    if (epochs > 0) {
      const session = await sessionOf(device, question);
      const { training } = question.model;
      const settings = { ...options, batchSize, ...(training && { training }) };
      learned = await learn(session, data, settings);
      deviceBytes = Math.max(deviceBytes, (await device.memory()).bytes);
      session.close();
    }
    const imagesPerSecond = (1000 * batchSize) / step.p50Ms;
    const figures = { imagesPerSecond, step, firstStep, ...learned, deviceBytes };
    return measured(verified, figures, options);
  } catch (error) {
    // What a hanging device still computes must not be taken away from it.
    attempt(CLOSING_MS, "dispose", () => program.dispose()).catch(() => undefined);
    throw error;
  }
}

async function measurePrediction(
  device: Device,
  openMs: number,
  options: MeasureOptions,
): Promise<RowOutcome> {
  const { answer, timeoutMs, signal, onProgress, latency } = options;
  onProgress("compiling");
  const compileMs = performance.now();
  const question = ask(options.question);
  const { captured, data, batchSize } = question;
  const input = inputRows(data.test, batchSize, captured);
  const session = await sessionOf(device, question, latency);
  const predict = () => attempt(timeoutMs, "a prediction", () => session.predict(input));
  const stepMs = performance.now();
  const { data: outputs } = await predict();
  const firstStep = firstFigures(openMs, stepMs - compileMs, performance.now() - stepMs);
  onProgress("checking its answer");
  const verified = checkOutputs(outputs, answer.outputs);
  await checkDevice(device, timeoutMs);
  const sampled = {
    prepare: () => undefined,
    run: async (steps: number) => {
      for (let step = 0; step < steps; step++) await session.predict(input);
    },
    mostSteps: Number.POSITIVE_INFINITY,
  };
  const run = (steps: number) => attempt(timeoutMs, "a prediction", () => sampled.run(steps));
  const onSample = () => onProgress("timing predictions");
  const step = await sampleSteps({ ...sampled, run }, options.sampling, { signal, onSample });
  const deviceBytes = (await device.memory()).bytes;
  session.close();
  const imagesPerSecond = (1000 * batchSize) / step.p50Ms;
  return measured(verified, { imagesPerSecond, step, firstStep, deviceBytes }, options);
}

/** The first steps, of which the program has taken one; each of the others from where the reference was. */
async function answers(
  program: TrainingProgram,
  wanted: readonly StepAnswer[],
): Promise<readonly StepAnswer[]> {
  const found = [await program.answer()];
  for (const before of wanted.slice(0, -1)) {
    program.follow(before);
    await takeStep(program);
    found.push(await program.answer());
  }
  return found;
}

function firstFigures(openMs: number, compileMs: number, stepMs: number): FirstStepFigures {
  return { openMs, compileMs, stepMs, totalMs: openMs + compileMs + stepMs };
}

function measured(
  verified: string,
  figures: RoundFigures,
  { processMemory }: MeasureOptions,
): RowOutcome {
  const processBytes = processMemory?.();
  const round = processBytes === undefined ? figures : { ...figures, processBytes };
  return { outcome: "measured", verified, rounds: [round] };
}

/** The small problems with known answers that every device must solve. */
async function checkDevice(device: Device, timeoutMs: number): Promise<void> {
  const verdict = await verifyDevice(device, { timeoutMs });
  if (!verdict.ok) throw new WrongAnswer(verdict.reason);
}

/** Kinds that say what a backend cannot do, and not that it does something wrong. */
const LIMITS = ["BackendUnavailable", "LacksOp", "OutOfMemory", "UnsupportedModel"] as const;

/** What an error says of a row. */
export function outcomeOf(error: unknown): RowOutcome {
  const reason = messageOf(error).replace(/^\[hone\] (plan: )?/, "");
  if (error instanceof WrongAnswer) return { outcome: "wrong", reason };
  if (LIMITS.some((kind) => isHoneError(error, kind))) return { outcome: "cannot", reason };
  if (isHoneError(error, "Diverged")) return { outcome: "wrong", reason };
  return { outcome: "failed", reason };
}
