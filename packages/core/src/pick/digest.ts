/**
 * Answers, small enough to be carried along: of each weight not its thousand values but how far it moved and
 * a few weighted sums of its change. Values in another order, or one wrong element, change those sums.
 */
import type { TypedArray } from "../backend.js";
import { invariant } from "../errors.js";
import { RandomStream } from "../random.js";
import type { Solution } from "./solve.js";

export interface WeightDigest {
  readonly label: string;
  /** Euclidean length of the change over all steps. */
  readonly moved: number;
  /** Sums of the change, each weighted by other random numbers from -1 to 1. */
  readonly sums: readonly number[];
}

/** The right answer to a problem. */
export interface KnownAnswer {
  readonly problem: string;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly weights: readonly WeightDigest[];
  /** Of the first two rows, before the first step and after the last. */
  readonly outputsAtStart: readonly number[];
  readonly outputs: readonly number[];
}

const SUMS = 3;
const DIGEST_SEED = 0x73756d73;
const JUDGED_ROWS = 2;

/** @throws Internal for a solution without training */
export function digest({ problem, weights, outputsAtStart, training }: Solution): KnownAnswer {
  invariant(training, "digest", `"${problem.name}" was not trained`);
  const { start, end, losses, norms, outputs } = training;
  return {
    problem: problem.name,
    losses,
    norms,
    weights: weights.map(({ label }, index) => ({
      label,
      ...digestChange(start[index] as TypedArray, end[index] as TypedArray),
    })),
    outputsAtStart: judgedOutputs(outputsAtStart, problem.outputs),
    outputs: judgedOutputs(outputs, problem.outputs),
  };
}

export function digestChange(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
): { readonly moved: number; readonly sums: readonly number[] } {
  const random = new RandomStream(DIGEST_SEED, 1);
  const sums = new Array<number>(SUMS).fill(0);
  let squares = 0;
  for (let at = 0; at < start.length; at++) {
    const change = (end[at] as number) - (start[at] as number);
    squares += change * change;
    for (let index = 0; index < SUMS; index++) {
      sums[index] = (sums[index] as number) + change * (2 * random.nextFloat() - 1);
    }
  }
  return { moved: Math.sqrt(squares), sums };
}

export function judgedOutputs(outputs: TypedArray, width: number): readonly number[] {
  return Array.from(outputs.subarray(0, JUDGED_ROWS * width));
}
