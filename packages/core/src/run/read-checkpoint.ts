/** A checkpoint as a state to go on from. */
import { HoneError } from "../errors.js";
import type { WeightInfo } from "../graph/template.js";
import type { SavedTensor, SessionCheckpoint } from "./checkpoint.js";
import type { FigureSumsState } from "./figure-sums.js";
import type { StateTensors } from "./snapshots.js";
import type { RunMark, RunOptions } from "./training-run.js";

/** The tensor of the epoch's figures so far. */
export const SUMS = "sums";

/** The weight that a slot belongs to: `parameter:3` of `slot.m:parameter:3`. */
export function weightOf(name: string): string {
  return name.startsWith("slot.") ? name.slice(name.indexOf(":") + 1) : name;
}

/** The tensors of a checkpoint under a prefix, without it. */
export function tensorsUnder(
  tensors: Readonly<Record<string, SavedTensor>>,
  prefix: string,
): StateTensors | undefined {
  const found = Object.entries(tensors).flatMap(([name, { data }]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
  );
  return found.length > 0 ? new Map(found) : undefined;
}

/** The training a checkpoint was in the middle of. */
export function runMarkOf({ training, tensors }: SessionCheckpoint): RunMark | undefined {
  if (training === undefined) return undefined;
  const { options, pass, sumsRows, stopping, ...others } = training;
  const sums: FigureSumsState | undefined =
    sumsRows === undefined
      ? undefined
      : { rows: sumsRows, sums: Float64Array.from(tensors[SUMS]?.data ?? []) };
  return {
    ...others,
    options: options as RunOptions,
    pass,
    sums,
    stopping,
    best: tensorsUnder(tensors, "best/"),
    start: tensorsUnder(tensors, "start/"),
  };
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

/** Weights and slots of a checkpoint. */
export function stateOf(tensors: Readonly<Record<string, SavedTensor>>): StateTensors {
  return new Map(
    Object.entries(tensors).flatMap(([name, { data }]) =>
      name === SUMS || name.startsWith("best/") || name.startsWith("start/")
        ? []
        : [[name, data] as const],
    ),
  );
}
