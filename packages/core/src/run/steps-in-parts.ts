/** Training steps whose rows pass in parts, and what to say where no step fits. */
import { HoneError, isHoneError } from "../errors.js";
import { accumulatedStep, fittingRows } from "../graph/accumulated-step.js";
import { rowMixer } from "../graph/cut-rows.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch, type TracedModel } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import type { Entry } from "../plan/program.js";
import type { Engine } from "./engine.js";
import type { WantedStep } from "./wanted-step.js";

/** How to make the step in parts of at most so many rows; undefined where that is the whole step. @throws UnsupportedModel */
export function builtInParts(step: WantedStep, most: number): (() => Graph) | undefined {
  const { model, rows } = step;
  const part = most >= rows ? rows : fittingRows(model.training, most);
  return part >= rows ? undefined : inParts(step, part);
}

/** The step in the largest parts that fit, if any do. */
export async function largestInParts(
  step: WantedStep,
  prepare: (build: () => Graph) => Promise<Entry>,
): Promise<Entry | undefined> {
  const parts = partsOf(step.model, step.rows);
  return (await firstThatFits(parts, (part) => prepare(inParts(step, part))))?.made;
}

const inParts =
  ({ model, options, rows }: WantedStep, part: number) =>
  () =>
    accumulatedStep(model.training, options, { batch: rows, rows: part });

/** Numbers of rows to try for a part, the most first. */
function partsOf({ training }: TracedModel, rows: number): number[] {
  const parts: number[] = [];
  for (let count = 2; count < 2 * rows; count += Math.max(1, Math.floor(count / 3))) {
    const part = fittingRowsOf(training, Math.ceil(rows / count));
    if (part === undefined) break;
    if (part !== parts.at(-1)) parts.push(part);
  }
  return parts;
}

function fittingRowsOf(template: TracedModel["training"], wanted: number): number | undefined {
  try {
    return fittingRows(template, wanted);
  } catch (error) {
    if (isHoneError(error, "BadArgument")) return undefined;
    throw error;
  }
}

/** Makes what memory suffices for, of the first size for which it does. */
async function firstThatFits<T>(
  sizes: readonly number[],
  make: (size: number) => Promise<T>,
): Promise<{ readonly size: number; readonly made: T } | undefined> {
  for (const size of sizes) {
    try {
      return { size, made: await make(size) };
    } catch (error) {
      if (!isHoneError(error, "OutOfMemory")) throw error;
    }
  }
  return undefined;
}

/** The same error, with a batch size that was found to fit. */
export async function withAdvice(
  error: HoneError,
  engine: Engine,
  step: WantedStep,
): Promise<HoneError> {
  const { title, key, model, options, rows } = step;
  const sizes: number[] = [];
  for (let size = Math.floor(rows / 2); size > 0; size = Math.floor(size / 2)) sizes.push(size);
  const found = await firstThatFits(sizes, (size) => {
    const build = () => trainingStep(atBatch(model.training, size), options);
    return engine.prepare(`${title}/fitting`, `${key}:fitting:${size}`, build);
  });
  engine.letGo(found?.made);
  const parts = rowMixer(model.training)
    ? ""
    : ", or let its rows pass in parts with `accumulate: true`";
  const advice = found
    ? `A batch of ${found.size} fits: take that size${parts}.`
    : "Not even one row fits: take a smaller model, or a device that gives more.";
  const what = `a batch of ${rows} does not fit. ${advice} (${error.message.replace(/^\[hone\] /, "")})`;
  return new HoneError("OutOfMemory", title, what, { cause: error });
}
