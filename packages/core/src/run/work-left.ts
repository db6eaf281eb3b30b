/** What is left of a training, by what it has done so far. */
import type { WorkLeft } from "./lookout.js";
import type { TrainingRun } from "./training-run.js";

/** Early stopping may end it sooner; a stream whose length nobody knows has no end yet. */
export function workLeft(run: TrainingRun): WorkLeft {
  const { options, on, epoch, before, pass, ended, epochMs, trainedMs } = run;
  const perEpoch =
    on.rows === undefined ? options.batchesPerEpoch : Math.ceil(on.rows / options.batchSize);
  if (perEpoch === undefined) return { steps: undefined, milliseconds: undefined };
  const inEpoch = before.steps + (pass?.step ?? 0);
  const steps = Math.max(0, (options.epochs - epoch + 1) * perEpoch - inEpoch);
  const done = ended.length * perEpoch + inEpoch;
  const spentMs = trainedMs + epochMs;
  return { steps, milliseconds: done > 0 ? (spentMs / done) * steps : undefined };
}
