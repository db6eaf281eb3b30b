/**
 * Holds an answer against the reference's and says what is wrong, weight by weight: a falling loss
 * proves little.
 */
import type { TypedArray } from "@hone/core/backend";
import type { CapturedModel } from "@hone/core/internals";
import type { Answer } from "./answers.js";

/** Of float32 sums in another order: relative for a loss; of the largest output for outputs. */
const LOSS_LIMIT = 1e-5;
const OUTPUT_LIMIT = 1e-5;
/**
 * Of a weight's update in three steps, mean difference over mean size. Adam's first steps follow the sign
 * of a gradient however small, so single elements may turn round; a wrong gradient is off by far more.
 */
const UPDATE_LIMIT = 0.1;
/** Of moving statistics, against the largest of them. */
const STATISTICS_LIMIT = 1e-4;

/** An answer that is not the reference's. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** @returns how near the answer is, in words @throws WrongAnswer */
export function checkOutputs(found: TypedArray, wanted: TypedArray): string {
  const rows = found.subarray(0, wanted.length);
  const worst = rows.length === wanted.length ? largestDifference(rows, wanted) : Number.NaN;
  const share = worst / Math.max(1, largest(wanted));
  if (share <= OUTPUT_LIMIT) return `predictions within ${share.toExponential(0)}`;
  const at = rows.findIndex((value, index) => !(Math.abs(value - wanted[index]!) < worst));
  const shown = Math.max(at, 0);
  throw new WrongAnswer(
    `a prediction is ${rows[shown]} instead of ${wanted[shown]}: ${share.toPrecision(3)} apart, allowed ${OUTPUT_LIMIT}`,
  );
}

/**
 * Losses of the first steps, and what these did to each weight.
 * @returns how near the answer is, in words @throws WrongAnswer, naming the step or the weight
 */
export function checkTraining(
  found: Required<Pick<Answer, "losses" | "weights">>,
  wanted: Required<Pick<Answer, "losses" | "weights">>,
  captured: CapturedModel,
): string {
  const finite = found.losses.findIndex((loss) => !Number.isFinite(loss));
  if (finite >= 0) {
    throw new WrongAnswer(`the loss of step ${finite + 1} is ${found.losses[finite]}`);
  }
  // Before the losses: a weight that stands still shows in them only a step later, and unnamed.
  const updates = captured.traced.weights.map((weight, index) =>
    weight.role === "state"
      ? statisticsFault(weight.label, found.weights[index]!, wanted.weights[index]!)
      : updateOf(weight.label, {
          found: found.weights[index]!,
          wanted: wanted.weights[index]!,
          before: captured.weights[index]!,
        }),
  );
  const first = lossFault(found.losses, wanted.losses, 1);
  const fault = first ?? updates.find(({ fault }) => fault !== undefined)?.fault;
  const late = fault ?? lossFault(found.losses, wanted.losses, wanted.losses.length);
  if (late !== undefined) throw new WrongAnswer(late);
  const losses = found.losses.map((loss, step) => apart(loss, wanted.losses[step]!));
  const worst = Math.max(...updates.map(({ error }) => error));
  return `${losses.length} losses within ${Math.max(...losses).toExponential(0)}, ${updates.length} weights' updates within ${worst.toExponential(0)}`;
}

/** The first of the `steps` losses that is off. */
function lossFault(
  found: readonly number[],
  wanted: readonly number[],
  steps: number,
): string | undefined {
  for (let step = 0; step < steps; step++) {
    const [loss, right] = [found[step]!, wanted[step]!];
    const error = apart(loss, right);
    if (error <= LOSS_LIMIT) continue;
    return `the loss of step ${step + 1} is ${loss} instead of ${right}: ${error.toPrecision(3)} apart, allowed ${LOSS_LIMIT}`;
  }
  return undefined;
}

interface Judged {
  readonly error: number;
  readonly fault?: string;
}

function updateOf(
  label: string,
  weight: { readonly found: TypedArray; readonly wanted: TypedArray; readonly before: TypedArray },
): Judged {
  const { found, wanted, before } = weight;
  const size = meanDifference(wanted, before);
  const moved = meanDifference(found, before);
  if (Number.isNaN(moved)) return { error: moved, fault: `${label} holds NaN after 3 steps` };
  if (size === 0) {
    return moved === 0 ? { error: 0 } : { error: 1, fault: `${label} moves, and should not` };
  }
  if (moved === 0) return { error: 1, fault: `${label} is never updated` };
  const error = meanDifference(found, wanted) / size;
  if (error <= UPDATE_LIMIT) return { error };
  const percent = `${(100 * error).toPrecision(3)} %`;
  return {
    error,
    fault: `the update of ${label} in 3 steps is off by ${percent} in the mean, allowed ${100 * UPDATE_LIMIT} %`,
  };
}

function statisticsFault(label: string, found: TypedArray, wanted: TypedArray): Judged {
  const error = largestDifference(found, wanted) / Math.max(largest(wanted), 1e-3);
  if (error <= STATISTICS_LIMIT) return { error };
  return {
    error,
    fault: `${label} is off by ${error.toPrecision(3)} of its largest value after 3 steps, allowed ${STATISTICS_LIMIT}`,
  };
}

const apart = (value: number, right: number) => Math.abs(value - right) / Math.abs(right);

/** NaN where either holds one. */
function largestDifference(found: TypedArray, wanted: TypedArray): number {
  let most = 0;
  for (let at = 0; at < wanted.length; at++) {
    const difference = Math.abs((found[at] as number) - (wanted[at] as number));
    if (!(difference <= most)) most = difference;
    if (Number.isNaN(most)) return most;
  }
  return most;
}

function largest(values: TypedArray): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

function meanDifference(one: TypedArray, other: TypedArray): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) {
    sum += Math.abs((one[at] as number) - (other[at] as number));
  }
  return sum / one.length;
}
