/** Whether a session may go on from a checkpoint: it must be of the same model, loss and optimizer. */
import { HoneError } from "../errors.js";
import { slotTensors } from "../graph/apply-optimizer.js";
import { checkOptimizer } from "../graph/optimizer.js";
import { figureColumns, figuresWidth } from "../graph/terms.js";
import type { SessionCheckpoint } from "./checkpoint.js";
import { checkedCheckpoint } from "./checkpoint-checks.js";
import { SUMS } from "./checkpoint-tensors.js";
import type { Captured } from "./session-model.js";
import { structureOf } from "./structure.js";
import { checkTensors } from "./tensor-checks.js";

/** What is given to go on from. @throws BadArgument for what is no session's checkpoint */
export const resumable = (given: unknown): SessionCheckpoint => checkedCheckpoint(given, "session");

/** @throws BadArgument where the checkpoint is of another model, loss or optimizer */
export function checkResumed(resume: SessionCheckpoint, captured: Captured): void {
  const refuse = (what: string) => {
    throw new HoneError("BadArgument", "resume", what);
  };
  const { traced, setup } = captured;
  checkOptimizer({ ...resume.optimizer });
  const { weights } = traced;
  checkTensors(resume.tensors, weights, "weight");
  const sums = resume.tensors[SUMS]?.data.length;
  if (sums !== undefined && sums !== figuresWidth(figureColumns(setup.terms))) {
    refuse(
      "its figures are not those of this loss and these metrics. Give the loss and metrics it was made of.",
    );
  }
  const count = Object.keys(resume.labels).length;
  if (count !== weights.length) {
    refuse(
      `the model has ${weights.length} weights, the checkpoint ${count}. Give the model it was made of.`,
    );
  }
  if (JSON.stringify(resume.optimizer) !== JSON.stringify(setup.optimizer)) {
    const [own, other] = [setup.optimizer, resume.optimizer].map((one) => JSON.stringify(one));
    refuse(
      `the optimizer is ${own}, and ${other} in the checkpoint. Leave it out, or give that one.`,
    );
  }
  if (resume.seed !== setup.seed) {
    refuse(
      `the seed is ${setup.seed}, and ${resume.seed} in the checkpoint. Leave it out, or give that one.`,
    );
  }
  const structure = structureOf([traced.training, traced.inference], weights, setup.terms);
  if (resume.structure !== structure) {
    refuse(
      "layers, losses or metrics are not those of the checkpoint. Give the model it was made of, and the same loss and metrics.",
    );
  }
  if (resume.step === 0) return;
  const trained = weights.filter(({ trainable }) => trainable).map(({ name }) => name);
  const missing = slotTensors(setup.optimizer, trained).find(
    (slot) => resume.tensors[slot] === undefined,
  );
  if (missing !== undefined) {
    refuse(`it lacks the optimizer's "${missing}". It is damaged: take another one.`);
  }
}
