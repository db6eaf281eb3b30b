/** Whole epochs of training as a session does them, with looks at the test set that its clock leaves out. */
import type { Dataset, Session, TrainingRecord } from "@hone/core";
import { timeToAccuracy } from "./accuracy.js";
import type { BenchmarkModel } from "./answers.js";
import type { AccuracyPoint, RoundFigures } from "./row.js";
import { withinMs } from "./time-limit.js";

export interface LearningOptions {
  readonly epochs: number;
  readonly evaluationsPerEpoch: number;
  readonly targets: readonly number[];
  readonly batchSize: number;
  readonly training?: BenchmarkModel["training"];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

/** An evaluation is many steps. */
const EVALUATION_PATIENCE = 10;
/** Replies come often enough to look at parts of an epoch, and seldom enough to cost nothing. */
const PROGRESS_MS = 50;

type Learned = Required<
  Pick<RoundFigures, "epochSeconds" | "evaluations" | "timesToAccuracy" | "finalAccuracy">
>;

/**
 * Trains and evaluates. A look within an epoch sees the steps enqueued by then, and is dated by the
 * training clock's reading when those are done, which the next record tells.
 * @throws Diverged and what else a session throws; TimeLimitError
 */
export async function learn(
  session: Pick<Session, "evaluate" | "step" | "steps">,
  data: { readonly train: Dataset; readonly test: Dataset },
  options: LearningOptions,
): Promise<Learned> {
  const { epochs, evaluationsPerEpoch, batchSize, timeoutMs, signal, onProgress } = options;
  const stepsPerEpoch = Math.ceil(data.train.rows / batchSize);
  const epochSeconds: number[] = [];
  const evaluations: AccuracyPoint[] = [];
  let trainedSeconds = 0;
  let looks = 1;
  /** A look whose steps are not all told yet. */
  let open: { readonly step: number; readonly accuracy: number } | undefined;

  const evaluate = async () => {
    onProgress("evaluating");
    const limit = EVALUATION_PATIENCE * timeoutMs;
    const looking = session.evaluate(data.test, signal ? { signal } : {});
    return (await withinMs(limit, "an evaluation", looking)).accuracy;
  };
  const date = (epoch: number, seconds: number) => {
    if (open === undefined) return;
    const { step, accuracy } = open;
    open = undefined;
    evaluations.push({ epochs: epoch - 1 + step / stepsPerEpoch, seconds, accuracy });
  };

  const records = session.steps(data.train, {
    ...options.training,
    epochs,
    batchSize,
    ...(evaluationsPerEpoch > 1 && { progressMs: PROGRESS_MS }),
    ...(signal && { signal }),
  });
  try {
    for (;;) {
      const next = await withinMs(timeoutMs, "a training step", records.next());
      if (next.done) break;
      const record: TrainingRecord = next.value;
      if (record.kind === "epoch-end") {
        date(record.epoch, trainedSeconds + record.seconds);
        epochSeconds.push(record.seconds);
        trainedSeconds += record.seconds;
        looks = 1;
        const accuracy = await evaluate();
        evaluations.push({ epochs: record.epoch, seconds: trainedSeconds, accuracy });
        const shown = `${(100 * accuracy).toFixed(2)} %`;
        onProgress(`epoch ${record.epoch}/${epochs}  test accuracy ${shown}`);
        continue;
      }
      // A row's device has no other to move to.
      if (record.kind === "moved") continue;
      const { epoch, step, imagesPerSecond } = record;
      onProgress(`epoch ${epoch}/${epochs}  step ${step}/${stepsPerEpoch}`);
      const seen = Math.min(step * batchSize, data.train.rows);
      if (open !== undefined && step >= open.step) {
        date(epoch, trainedSeconds + seen / imagesPerSecond);
      }
      const enqueued = session.step - (epoch - 1) * stepsPerEpoch;
      const due = (looks * stepsPerEpoch) / evaluationsPerEpoch;
      if (open !== undefined || enqueued < due || enqueued >= stepsPerEpoch) continue;
      while ((looks * stepsPerEpoch) / evaluationsPerEpoch <= enqueued) looks++;
      open = { step: enqueued, accuracy: await evaluate() };
    }
  } finally {
    // A device that hangs would not let the loop end.
    void records.return(undefined).catch(() => undefined);
  }
  return {
    epochSeconds,
    evaluations,
    timesToAccuracy: options.targets.map((accuracy) => timeToAccuracy(evaluations, accuracy)),
    finalAccuracy: evaluations.at(-1)?.accuracy ?? Number.NaN,
  };
}
