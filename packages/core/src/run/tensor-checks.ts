/** Whether a checkpoint's tensors are those of some weights. */
import { HoneError } from "../errors.js";
import type { WeightInfo } from "../graph/template.js";
import type { SavedTensor } from "./checkpoint.js";
import { SUMS } from "./checkpoint-tensors.js";

/** The weight that a slot belongs to: `parameter:3` of `slot.m:parameter:3`. */
export function weightOf(name: string): string {
  return name.startsWith("slot.") ? name.slice(name.indexOf(":") + 1) : name;
}

/**
 * Each weight must be there in its shape, and everything kept for a weight (its slots, its best values) be as large: a
 * device would take a shorter array for its beginning alone.
 * @param what a weight is called: weight, or variable
 * @throws BadArgument naming the tensor
 */
export function checkTensors(
  tensors: Readonly<Record<string, SavedTensor>>,
  weights: readonly WeightInfo[],
  what: "weight" | "variable",
): void {
  const known = new Map(weights.map((weight) => [weight.name, weight]));
  const missing = weights.find(({ name }) => !Object.hasOwn(tensors, name));
  if (missing) {
    const shown = `${what} "${missing.label}" is [${missing.shape}], and not there`;
    throw new HoneError("BadArgument", "resume", `${shown} in the checkpoint. ${OTHER}`);
  }
  for (const [name, { shape }] of Object.entries(tensors)) {
    if (name === SUMS) continue;
    const weight = known.get(weightOf(name.replace(/^(best|start)\//, "")));
    if (weight && `${weight.shape}` === `${shape}`) continue;
    const of = weight
      ? `${what} "${weight.label}" is [${weight.shape}]`
      : `no ${what} goes with it`;
    throw new HoneError(
      "BadArgument",
      "resume",
      `tensor "${name}" of the checkpoint is [${shape}], and ${of}. ${OTHER}`,
    );
  }
}

const OTHER = "Give what it was made of, or take another checkpoint.";
