/** The step that predicts: all that a page needs which trains nothing, so that it stands apart from the others. */
import { GraphBuilder } from "./builder.js";
import { simplify } from "./simplify.js";
import type { ModelGraph, Port } from "./template.js";
import type { Graph } from "./types.js";

/**
 * The buffer of a prediction's input or output of `batch` rows.
 * @param variant tells apart models of one session whose rows have other shapes
 */
export function predictionBuffer(
  kind: "input" | "output",
  port: string,
  batch: number,
  variant = "",
): string {
  return `${kind}.${port}@${batch}${variant && `:${variant}`}`;
}

/** Forward without dropout, from host-written inputs to outputs, both as `predictionBuffer` names them. */
export function predictionStep(model: ModelGraph, variant = ""): Graph {
  const builder = new GraphBuilder(model.graph);
  const batch = builder.shape((model.inputs[0] as Port).tensor)[0] as number;
  for (const { name, tensor } of model.inputs) {
    builder.retype(tensor, "input", predictionBuffer("input", name, batch, variant));
  }
  // Nothing reads the labels here, and their memory would be of another length for each batch size.
  for (const { tensor } of model.labels) builder.retype(tensor, "scratch");
  for (const { name, tensor } of model.outputs) {
    const buffer = predictionBuffer("output", name, batch, variant);
    const output = builder.persistent(buffer, "metric", builder.shape(tensor));
    builder.opInto("Identity", [tensor], output);
  }
  return simplify(builder.build());
}
