/** A session's model beside data: the model for a data set's rows, how those are scaled, and the rows of one batch. */
import type { TracedModel } from "../graph/template.js";
import { type BatchRows, readLabels, readSampleWeights } from "./batch-rows.js";
import { columnSpec, planInputs } from "./data-plan.js";
import { type Column, classNamesOf, columnOf, type Dataset, inputNames } from "./dataset.js";
import type { Met } from "./input-scales.js";
import { shapesOf } from "./named-rows.js";
import type { RowsLike } from "./rows.js";
import type { SessionModel } from "./session-model.js";
import type { StreamBatch } from "./stream.js";

/** Values looked at to know a column's range. */
const SAMPLE = 65_536;

/** The model for a data set's rows. */
export function modelFor(model: SessionModel, dataset: Dataset): TracedModel {
  const names = inputNames(dataset);
  const { inputs } = model;
  const column = (name: string) => (inputs.length === 1 ? names[0] : name) as string;
  const shapes = inputs.flatMap(({ name }) => {
    const known = dataset.columns[column(name)];
    return known ? [[name, known.shape] as const] : [];
  });
  return model.forShapes(Object.fromEntries(shapes));
}

/** Remembers how a data set's inputs are scaled, and what values they have. */
export function learnScales(model: SessionModel, traced: TracedModel, dataset: Dataset): void {
  for (const [input, name] of Object.entries(planInputs(traced, dataset).inputs)) {
    const column = columnOf(dataset, name);
    const { scale, offset } = column;
    const isBytes = columnSpec(column).dtype === "uint8";
    model.scales.learn(input, metIn(column), isBytes ? { scale, offset } : undefined);
  }
}

/** Remembers what a data set calls the classes of each output. */
export function learnClassNames(model: SessionModel, traced: TracedModel, dataset: Dataset): void {
  const { outputs } = traced;
  for (const { name } of outputs) {
    const names = classNamesOf(dataset, outputs.length === 1 ? undefined : name);
    if (names) model.classNames.set(name, names);
  }
}

/** Rows, labels and weights of one batch, and the model for them. */
export async function batchOf(
  model: SessionModel,
  given: StreamBatch,
): Promise<{ readonly model: TracedModel; readonly batch: BatchRows }> {
  const { rows, inputs } = await model.inputsOf(given.x as RowsLike, "trainOnBatch");
  const traced = model.forShapes(shapesOf(inputs));
  const labels = await readLabels(given.y as RowsLike | undefined, traced.outputs, rows);
  const weights = given.sampleWeights as RowsLike | undefined;
  const sampleWeights = await readSampleWeights(weights, labels, rows);
  return { model: traced, batch: { rows, inputs, labels, sampleWeights } };
}

function metIn(column: Column): Met {
  const { scale, offset, data } = column;
  const bytes = columnSpec(column).dtype === "uint8";
  if (bytes) {
    const ends = [offset, 255 * scale + offset];
    return { bytes, min: Math.min(...ends), max: Math.max(...ends) };
  }
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const stride = Math.max(1, Math.floor(data.length / SAMPLE));
  for (let at = 0; at < data.length; at += stride) {
    const value = (data[at] as number) * scale + offset;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { bytes, min, max };
}
