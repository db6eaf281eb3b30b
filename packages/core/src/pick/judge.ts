/** Holds a solution against the known answer, and says in words what is wrong with it. */
import type { TypedArray } from "../backend.js";
import type { Shape } from "../graph/types.js";
import { digestChange, judgedOutputs, type KnownAnswer, type WeightDigest } from "./digest.js";
import type { Solution, TrainingSolution } from "./solve.js";

/**
 * Relative to the loss; to how far a weight moved; and absolute. Devices in 32 bits were seen to differ from the answers by
 * 1e-6, 2e-4 (of a weight that moves little beside its own size) and 1e-6.
 */
const LOSS_TOLERANCE = 1e-4;
const WEIGHT_TOLERANCE = 2e-3;
const OUTPUT_TOLERANCE = 1e-4;

/** @returns what is wrong, as the end of a sentence that begins with the problem's name; undefined when nothing is */
export function judge(solution: Solution, answer: KnownAnswer): string | undefined {
  const { problem, training } = solution;
  const written = training && findMiswritten(solution, training);
  if (written) return written;
  const before = judgedOutputs(solution.outputsAtStart, problem.outputs);
  const atStart = findWrongOutput(before, answer.outputsAtStart);
  if (training === undefined) return atStart;
  return (
    findNotFinite(training) ??
    atStart ??
    findWrongLoss(training, answer, 1) ??
    findStuck(solution, training, answer) ??
    findWrongNorm(training, answer) ??
    findWrongWeight(solution, training, answer) ??
    findWrongLoss(training, answer, training.losses.length) ??
    findWrongOutput(judgedOutputs(training.outputs, problem.outputs), answer.outputs)
  );
}

/** Weights that do not come back as they were written. */
function findMiswritten({ weights }: Solution, { start }: TrainingSolution): string | undefined {
  for (const [index, { label, values, shape }] of weights.entries()) {
    const read = start[index] as TypedArray;
    const at = values.findIndex((value, element) => read[element] !== value);
    if (at < 0) continue;
    const turned = transposed(values, shape);
    const order = turned.every((value, element) => read[element] === value);
    const how = order
      ? "transposed"
      : `as ${text(read[at])} where ${text(values[at])} was written (element ${at})`;
    return `${label} comes back ${how}`;
  }
  return undefined;
}

function findNotFinite({ losses, norms }: TrainingSolution): string | undefined {
  for (const [index, loss] of losses.entries()) {
    if (!Number.isFinite(loss)) return `the loss of step ${index + 1} is ${loss}`;
    const norm = norms[index] as number;
    if (!Number.isFinite(norm)) return `the gradient's norm in step ${index + 1} is ${norm}`;
  }
  return undefined;
}

function findWrongLoss(
  { losses }: TrainingSolution,
  answer: KnownAnswer,
  steps: number,
): string | undefined {
  const at = losses
    .slice(0, steps)
    .findIndex((loss, index) => differs(loss, answer.losses[index] as number, LOSS_TOLERANCE));
  if (at < 0) return undefined;
  return `the loss of step ${at + 1} is ${text(losses[at])}, and ${text(answer.losses[at])} is right`;
}

/** Gradients that are zero, and weights that stay where they are, where the answer moves. */
function findStuck(
  { weights }: Solution,
  training: TrainingSolution,
  answer: KnownAnswer,
): string | undefined {
  for (const [index, { label }] of weights.entries()) {
    if ((answer.weights[index] as WeightDigest).moved === 0) continue;
    const gradient = training.gradients[index];
    if (gradient?.every((value) => value === 0))
      return `the gradient of ${label} is zero everywhere`;
  }
  for (const [index, { label }] of weights.entries()) {
    if ((answer.weights[index] as WeightDigest).moved === 0) continue;
    const still = (later: readonly TypedArray[]) =>
      later[index]?.every((value, at) => value === training.start[index]?.[at]);
    if (still(training.end)) return `${label} is never updated`;
    if (still(training.afterFirst)) return `${label} is not updated by step 1`;
  }
  return undefined;
}

function findWrongNorm({ norms }: TrainingSolution, answer: KnownAnswer): string | undefined {
  const [norm, right] = [norms[0], answer.norms[0]] as [number, number];
  if (!differs(norm, right, WEIGHT_TOLERANCE)) return undefined;
  return `the gradient's norm in step 1 is ${text(norm)}, and ${text(right)} is right`;
}

function findWrongWeight(
  { weights }: Solution,
  { start, end }: TrainingSolution,
  answer: KnownAnswer,
): string | undefined {
  for (const [index, { label, shape }] of weights.entries()) {
    const right = answer.weights[index] as WeightDigest;
    const from = start[index] as TypedArray;
    const to = end[index] as TypedArray;
    const off = deviation(digestChange(from, to), right);
    if (off <= WEIGHT_TOLERANCE) continue;
    const turned = deviation(digestChange(from, transposed(to, shape)), right);
    if (turned <= WEIGHT_TOLERANCE) return `${label} has the right values, transposed`;
    const share = `${(100 * off).toPrecision(2)} %`;
    return `${label} is wrong after ${answer.losses.length} steps, by ${share} of how far it should move`;
  }
  return undefined;
}

/** Largest difference of two changes' sums, relative to how far the right one moves. */
function deviation(change: ReturnType<typeof digestChange>, right: WeightDigest): number {
  const differences = right.sums.map((sum, index) =>
    Math.abs(sum - (change.sums[index] as number)),
  );
  const largest = Math.max(...differences, Math.abs(change.moved - right.moved));
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest / right.moved;
}

function findWrongOutput(outputs: readonly number[], right: readonly number[]): string | undefined {
  const at = right.findIndex(
    (value, index) => !(Math.abs((outputs[index] as number) - value) <= OUTPUT_TOLERANCE),
  );
  if (at < 0) return undefined;
  return `output ${at} of a prediction is ${text(outputs[at])}, and ${text(right[at])} is right`;
}

function differs(value: number, right: number, tolerance: number): boolean {
  return !(Math.abs(value - right) <= tolerance * Math.abs(right));
}

/** The last two axes exchanged. */
function transposed(values: TypedArray, shape: Shape): Float64Array {
  const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += rows * columns) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result[start + column * rows + row] = values[start + row * columns + column] as number;
      }
    }
  }
  return result;
}

function text(value: number | undefined): string {
  return value === undefined ? "nothing" : String(Number(value.toPrecision(6)));
}
