/**
 * Tracing goes on behind a layer that is refused, with an input in the place of its output: so one error
 * names every layer that stands in the way, instead of the first of them.
 */
import type { HoneError } from "../errors.js";
import { tensorFrom } from "./engine.js";
import type { Recorder } from "./recorder.js";
import { isContainer } from "./structure.js";
import type { ModelLayer, TensorLike, TracedLayer } from "./tfjs-types.js";

/** Tensors of the layer's output shape, in the place of what it gave the error for. @throws the error where there can be none */
export function standIn(
  layer: TracedLayer,
  inputs: unknown,
  recorder: Recorder,
  error: HoneError,
): unknown {
  const container = isContainer(layer as ModelLayer);
  // What fails between layers, such as the mask of a layer that was refused, is a consequence.
  if (container) recorder.forgive();
  else recorder.keep(error);
  const outputs = container ? undefined : outputShapes(layer, inputs);
  if (!outputs) throw error;
  const tensors = outputs.map((shape) => {
    const name = `stand-in:${recorder.graph.tensors.length}`;
    const id = recorder.graph.persistent(name, "input", shape);
    return tensorFrom(recorder.give(recorder.build.from(id)));
  });
  return tensors.length === 1 ? tensors[0] : tensors;
}

/** By the layer's own account, which may fail for the same reason that the layer was refused for. */
function outputShapes(
  layer: TracedLayer,
  inputs: unknown,
): readonly (readonly number[])[] | undefined {
  try {
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as readonly TensorLike[];
    const shapes = list.map(({ shape }) => shape);
    const found = layer.computeOutputShape(shapes.length === 1 ? shapes[0] : shapes) as unknown[];
    const outputs = Array.isArray(found[0]) ? found : [found];
    const whole = outputs.flat().every((extent) => Number.isInteger(extent));
    return whole ? (outputs as readonly (readonly number[])[]) : undefined;
  } catch {
    return undefined;
  }
}
