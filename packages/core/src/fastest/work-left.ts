/** What is left of a training, by what it has done so far. */
import type { Worker } from "../run/lookout.js";
import type { TrainingRun } from "../run/training-run.js";

/** Undefined where an end is not known. */
export interface WorkLeft {
  readonly steps: number | undefined;
  readonly milliseconds: number | undefined;
}

/** Of the training a session is in, if it is in one; single batches are one without an end. */
export function workLeft({ run, takesBatches }: Worker): WorkLeft | undefined {
  if (run) return leftOf(run);
  return takesBatches ? { steps: undefined, milliseconds: undefined } : undefined;
}

/** Early stopping may end it sooner; a stream whose length nobody knows has no end yet. */
function leftOf({ options, on, epoch, before, pass, ended, epochMs, trainedMs }: TrainingRun) {
  const perEpoch =
    on.rows === undefined ? options.batchesPerEpoch : Math.ceil(on.rows / options.batchSize);
  if (perEpoch === undefined) return { steps: undefined, milliseconds: undefined };
  const inEpoch = before.steps + (pass?.step ?? 0);
  const steps = Math.max(0, (options.epochs - epoch + 1) * perEpoch - inEpoch);
  const done = ended.length * perEpoch + inEpoch;
  const spentMs = trainedMs + epochMs;
  return { steps, milliseconds: done > 0 ? (spentMs / done) * steps : undefined };
}
