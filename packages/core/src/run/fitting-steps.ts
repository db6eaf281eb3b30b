/** Training steps as entries: whole, or in parts where a batch does not fit in the device's memory. */
import { isHoneError } from "../errors.js";
import { trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { lateFusions } from "../plan/late-passes.js";
import { holdLateFusions } from "../plan/passes.js";
import type { Entry } from "../plan/program.js";
import type { Engine } from "./engine.js";
import type { WantedStep } from "./wanted-step.js";

const inParts = () => import("./fit-extras.js");

/** By which its entry is known to the engine. */
export function stepKey({ key, accumulate = false }: WantedStep): string {
  return accumulate === false ? key : `${key}:${accumulate}`;
}

/**
 * The step's entry, held; in parts as `accumulate` says.
 * @throws OutOfMemory, which says what would fit; UnsupportedModel for parts of a model whose rows see each other
 */
export async function prepareStep(engine: Engine, step: WantedStep): Promise<Entry> {
  // They come with what trains, and not one round trip after it.
  holdLateFusions(lateFusions);
  const { title, model, options, rows, accumulate = false } = step;
  const prepare = (build: () => Graph) => engine.prepare(title, stepKey(step), build);
  const whole = () => trainingStep(atBatch(model.training, rows), options);
  if (typeof accumulate === "number") {
    return prepare((await inParts()).builtInParts(step, accumulate) ?? whole);
  }
  try {
    return await prepare(whole);
  } catch (error) {
    if (!isHoneError(error, "OutOfMemory") || rows === 1) throw error;
    const { largestInParts, withAdvice } = await inParts().catch(() => {
      throw error;
    });
    if (!accumulate) throw await withAdvice(error, engine, step);
    const fitting = await largestInParts(step, prepare);
    if (fitting) return fitting;
    throw error;
  }
}
