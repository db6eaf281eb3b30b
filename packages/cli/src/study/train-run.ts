/** One run of a study: training, with a look at the test set after each epoch. */
import {
  adam,
  type Device,
  type Evaluation,
  HoneError,
  isHoneError,
  type Progress,
} from "@hone/core";
import type { DatasetPair } from "@hone/data";
import {
  encodePredictions,
  type StudyDevice,
  type StudyEpoch,
  type StudyOutcome,
  type StudyRun,
  type StudyRunSettings,
  studyRunFormat,
} from "@hone/report";
import { checkLastStep } from "../last-step.js";
import { compileUnfinished } from "../unfinished-run.js";
import { buildNetwork } from "./study-models.js";
import { TestedEpochs } from "./tested-epochs.js";

export interface RunSurroundings {
  readonly data: DatasetPair;
  readonly device: Device;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Keeps runs that are cut short; nowhere unless given. */
  readonly unfinished: string;
  readonly onProgress: (record: Progress) => void;
  readonly onWarning: (text: string) => void;
}

/**
 * Trains and tests one model. A run whose loss or gradient is not finite ends as `diverged`, with the
 * epochs before.
 * @param surroundings with `data` cut to the settings' rows
 * @throws what `session.steps` throws otherwise; Aborted
 */
export async function trainRun(
  settings: StudyRunSettings,
  surroundings: RunSurroundings,
): Promise<StudyRun> {
  const { data, device, version, signal } = surroundings;
  const beganMs = performance.now();
  const { seed, learningRate, epochs, batchSize } = settings;
  const model = buildNetwork(settings.network, seed);
  const done: StudyEpoch[] = [];
  const tested = new TestedEpochs(surroundings.unfinished, settings);
  const before = await tested.read();
  const { session, store, resume, end } = await compileUnfinished(
    model,
    { device, seed, optimizer: adam(learningRate), failover: false },
    surroundings.unfinished,
    settings,
    // Of each epoch that has ended there must be a test as well.
    ({ training }) => (training?.ended.length ?? 0) <= before.length,
  );
  done.push(...before.slice(0, resume?.training?.ended.length ?? 0));
  let steps = 0;
  let testingMs = 0;
  let last: Evaluation | undefined;
  let diverged: string | undefined;
  try {
    for (const warning of session.warnings) surroundings.onWarning(warning);
    const options = { epochs, batchSize, signal, checkpoints: { to: store } };
    for await (const record of session.steps(data.train, options)) {
      if (record.kind === "progress") {
        surroundings.onProgress(record);
        continue;
      }
      if (record.kind === "moved") continue;
      if (record.epoch === epochs) await checkLastStep(session, data.train, epochs);
      const testedMs = performance.now();
      last = await session.evaluate(data.test, { signal });
      testingMs += performance.now() - testedMs;
      if (!Number.isFinite(last.loss)) throw testDiverged(record.epoch, last.loss);
      steps = session.step;
      const { epoch, loss, accuracy, seconds } = record;
      const test = { testLoss: last.loss, testAccuracy: last.accuracy };
      done.push({ epoch, loss, accuracy, ...test, seconds });
      await tested.write(done);
    }
    await tested.end();
    await end();
  } catch (error) {
    if (!isHoneError(error, "Diverged")) throw error;
    diverged = error.message.replace(/^\[hone\] /, "");
  } finally {
    session.close();
    model.dispose();
  }
  return {
    record: studyRunFormat,
    settings,
    outcome: outcomeOf(last, diverged),
    epochs: done,
    steps,
    time: {
      trainingSeconds: done.reduce((sum, { seconds }) => sum + seconds, 0),
      testingSeconds: testingMs / 1000,
      wallSeconds: (performance.now() - beganMs) / 1000,
    },
    device: describeDevice(device),
    version,
  };
}

function testDiverged(epoch: number, loss: number): HoneError {
  const what = `the loss on the test images is ${loss}. Try a smaller learning rate.`;
  return new HoneError("Diverged", `epoch ${epoch}`, what);
}

export function describeDevice({ info }: Device): StudyDevice {
  const { backend, description, numerics, threads } = info;
  return { backend, description, numerics, threads };
}

function outcomeOf(last: Evaluation | undefined, diverged: string | undefined): StudyOutcome {
  if (diverged !== undefined) return { kind: "diverged", reason: diverged };
  const { predicted: classes, outputs } = last as Evaluation;
  const columns = outputs.length / classes.length;
  const confidence = Float32Array.from(
    classes,
    (prediction, row) => outputs[row * columns + prediction] as number,
  );
  return { kind: "finished", predictions: encodePredictions({ classes, confidence }) };
}
