/** Training steps as entries: whole, or in parts where a batch does not fit in the device's memory. */
import { HoneError, isHoneError } from "../errors.js";
import { accumulatedStep, fittingRows } from "../graph/accumulated-step.js";
import { rowMixer } from "../graph/rows.js";
import { type TrainingStepOptions, trainingStep } from "../graph/steps.js";
import { atBatch, type TracedModel } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import type { Entry } from "../plan/program.js";
import type { Engine } from "./engine.js";

/** A step that is wanted of an engine. */
export interface WantedStep {
  readonly title: string;
  /** Tells its entry apart from all others. */
  readonly key: string;
  readonly model: TracedModel;
  readonly options: TrainingStepOptions;
  readonly rows: number;
  /** As `fit` takes it. */
  readonly accumulate?: boolean | number | undefined;
}

/** By which its entry is known to the engine. */
export function stepKey({ key, accumulate = false }: WantedStep): string {
  return accumulate === false ? key : `${key}:${accumulate}`;
}

/**
 * The step's entry, held; in parts as `accumulate` says.
 * @throws OutOfMemory, which says what would fit; UnsupportedModel for parts of a model whose rows see each other
 */
export async function prepareStep(engine: Engine, step: WantedStep): Promise<Entry> {
  const { title, model, options, rows, accumulate = false } = step;
  const prepare = (build: () => Graph) => engine.prepare(title, stepKey(step), build);
  const whole = () => trainingStep(atBatch(model.training, rows), options);
  const inParts = (part: number) => () =>
    accumulatedStep(model.training, options, { batch: rows, rows: part });
  if (typeof accumulate === "number") {
    const part = accumulate >= rows ? rows : fittingRows(model.training, accumulate);
    return prepare(part >= rows ? whole : inParts(part));
  }
  try {
    return await prepare(whole);
  } catch (error) {
    if (!isHoneError(error, "OutOfMemory") || rows === 1) throw error;
    if (!accumulate) throw await withAdvice(error, engine, step);
    const fitting = await firstThatFits(partsOf(model, rows), (part) => prepare(inParts(part)));
    if (fitting) return fitting.made;
    throw error;
  }
}

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
async function withAdvice(error: HoneError, engine: Engine, step: WantedStep): Promise<HoneError> {
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
