/**
 * The step after which a model is kept, judged as all others are: a step is found out by the figures of the
 * one that follows it, and after the last none does.
 */
import { type Dataset, HoneError, type Session, takeRows } from "@hone/core";

/** Images enough to tell a loss that is not finite. */
const sampleRows = 256;

export interface LastStepOptions {
  /** A sentence on what is kept, without its stop. */
  readonly kept?: string | undefined;
}

/** @throws Diverged unless all weights, and the loss of some of `train`, are finite after `epoch` */
export async function checkLastStep(
  session: Pick<Session, "weights" | "evaluate">,
  train: Dataset,
  epoch: number,
  { kept }: LastStepOptions = {},
): Promise<void> {
  const advice = `${kept === undefined ? "" : `${kept}. `}Try a smaller learning rate.`;
  const ruined = (what: string) =>
    new HoneError(
      "Diverged",
      `epoch ${epoch}`,
      `its last step ruined the model: ${what}. ${advice}`,
    );
  for (const { name, values } of await session.weights()) {
    const bad = values.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw ruined(`${name} holds ${bad}`);
  }
  const { loss } = await session.evaluate(takeRows(train, 0, Math.min(sampleRows, train.rows)));
  if (!Number.isFinite(loss)) throw ruined(`the loss is ${loss}`);
}
