/** The rows of one batch, as a session's model takes them. */
import type { TracedModel } from "../graph/template.js";
import { type BatchRows, readLabels, readSampleWeights } from "./batch-rows.js";
import { shapesOf } from "./named-rows.js";
import type { RowsLike } from "./rows.js";
import type { SessionModel } from "./session-model.js";
import type { StreamBatch } from "./stream.js";

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
