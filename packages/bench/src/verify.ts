/**
 * Holds an answer against the reference's and says what is wrong, weight by weight: a falling loss
 * proves little.
 */
import type { TypedArray } from "@hone/core/backend";
import type { CapturedModel } from "@hone/core/internals";
import type { StepAnswer } from "./step-answer.js";

/** Of float32 sums in another order: relative for a loss; of the largest output for outputs. */
const LOSS_LIMIT = 1e-5;
const OUTPUT_LIMIT = 1e-5;
/**
 * Of a gradient, mean difference over mean size. Where two cells of a pool or the sides of a relu nearly tie,
 * rounding decides which has the gradient, and batch normalisation spreads it: right ones were seen to be off
 * by 7e-3, wrong ones are by half.
 */
const GRADIENT_LIMIT = 5e-2;
const ELEMENT_LIMIT = 0.25;
/** Smaller gradients than this share of the model's largest are what rounding leaves where terms cancel. */
const SMALLEST_SHARE = 1e-5;
/** Of a weight's mean update, where its gradient is clear: Adam follows a sign, however small. */
const UPDATE_LIMIT = 2e-2;
const CLEAR_SHARE = 1e-2;
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
  if (share <= OUTPUT_LIMIT) return `predictions within ${nearness(share)}`;
  const at = rows.findIndex((value, index) => !(Math.abs(value - wanted[index]!) < worst));
  const shown = Math.max(at, 0);
  throw new WrongAnswer(
    `a prediction is ${rows[shown]} instead of ${wanted[shown]}: ${share.toPrecision(3)} apart, allowed ${OUTPUT_LIMIT}`,
  );
}

/**
 * The first steps, each from where the reference was: losses, gradients, and what became of each weight.
 * @returns how near the answer is, in words @throws WrongAnswer, naming the step or the weight
 */
export function checkTraining(
  found: readonly StepAnswer[],
  wanted: readonly StepAnswer[],
  captured: CapturedModel,
): string {
  const worst = { loss: 0, gradient: 0 };
  for (const [index, right] of wanted.entries()) {
    const before = wanted[index - 1]?.weights ?? captured.weights;
    const step = found[index] as StepAnswer;
    const where = `step ${index + 1}`;
    worst.loss = Math.max(worst.loss, checkLoss(step.loss, right.loss, where));
    const gradient = checkStep(step, right, { before, captured, where });
    worst.gradient = Math.max(worst.gradient, gradient);
  }
  const { loss, gradient } = worst;
  return `${wanted.length} losses within ${nearness(loss)}, gradients within ${nearness(gradient)} in the mean`;
}

function checkLoss(loss: number, right: number, where: string): number {
  if (!Number.isFinite(loss)) throw new WrongAnswer(`the loss of ${where} is ${loss}`);
  const error = apart(loss, right);
  if (error <= LOSS_LIMIT) return error;
  throw new WrongAnswer(
    `the loss of ${where} is ${loss} instead of ${right}: ${error.toPrecision(3)} apart, allowed ${LOSS_LIMIT}`,
  );
}

/** @returns the worst error of a gradient */
function checkStep(
  found: StepAnswer,
  wanted: StepAnswer,
  context: {
    readonly before: readonly TypedArray[];
    readonly captured: CapturedModel;
    readonly where: string;
  },
): number {
  const { before, captured, where } = context;
  const least = SMALLEST_SHARE * Math.max(...wanted.gradients.map(largest));
  let [worst, trainable] = [0, 0];
  for (const [index, { label, role, ...weight }] of captured.traced.weights.entries()) {
    const values = { found: found.weights[index]!, wanted: wanted.weights[index]! };
    if (role === "state") checkStatistics(label, values, where);
    if (!weight.trainable) continue;
    const gradient = { found: found.gradients[trainable]!, wanted: wanted.gradients[trainable]! };
    trainable++;
    worst = Math.max(worst, checkGradient(label, gradient, least, where));
    if (largest(gradient.wanted) < least) continue;
    checkUpdate(label, { ...values, before: before[index]!, gradient: gradient.wanted }, where);
  }
  return worst;
}

interface Values {
  readonly found: TypedArray;
  readonly wanted: TypedArray;
}

function checkGradient(
  label: string,
  { found, wanted }: Values,
  least: number,
  where: string,
): number {
  const size = Math.max(largest(wanted), least);
  const element = largestDifference(found, wanted) / size;
  const error = meanDifference(found, wanted) / Math.max(meanSize(wanted), least);
  if (element <= ELEMENT_LIMIT && error <= GRADIENT_LIMIT) return error;
  if (found.every((value) => value === 0)) {
    throw new WrongAnswer(`the gradient of ${label} is zero everywhere in ${where}`);
  }
  const off =
    element <= ELEMENT_LIMIT
      ? `${error.toPrecision(3)} in the mean, allowed ${GRADIENT_LIMIT}`
      : `${element.toPrecision(3)} of its largest value, allowed ${ELEMENT_LIMIT}`;
  throw new WrongAnswer(`the gradient of ${label} in ${where} is off by ${off}`);
}

function checkUpdate(
  label: string,
  values: Values & { readonly before: TypedArray; readonly gradient: TypedArray },
  where: string,
): void {
  const { found, wanted, before, gradient } = values;
  const clear = CLEAR_SHARE * largest(gradient);
  let [moved, size, difference] = [0, 0, 0];
  for (let at = 0; at < wanted.length; at++) {
    if (Math.abs(gradient[at] as number) < clear) continue;
    moved += Math.abs((found[at] as number) - (before[at] as number));
    size += Math.abs((wanted[at] as number) - (before[at] as number));
    difference += Math.abs((found[at] as number) - (wanted[at] as number));
  }
  if (moved === 0 && size > 0) throw new WrongAnswer(`${label} is not updated by ${where}`);
  const error = difference / Math.max(size, Number.MIN_VALUE);
  if (error <= UPDATE_LIMIT) return;
  const percent = `${(100 * error).toPrecision(3)} %`;
  throw new WrongAnswer(
    `${label} is wrong after ${where}, by ${percent} of how far it should move, allowed ${100 * UPDATE_LIMIT} %`,
  );
}

function checkStatistics(label: string, { found, wanted }: Values, where: string): void {
  const error = largestDifference(found, wanted) / Math.max(largest(wanted), 1e-3);
  if (error <= STATISTICS_LIMIT) return;
  throw new WrongAnswer(
    `${label} is off by ${error.toPrecision(3)} of its largest value after ${where}, allowed ${STATISTICS_LIMIT}`,
  );
}

const nearness = (error: number) => (error === 0 ? "0" : error.toExponential(0));
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

function meanSize(values: TypedArray): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum / values.length;
}
