/** Whether the rows of a batch see each other: whether a prediction may be made of more of them than were asked for. */
import { sizeOf } from "./geometry.js";
import { predictionStep } from "./prediction-step.js";
import type { ModelGraph, Template } from "./template.js";
import type { Graph, Node } from "./types.js";

/**
 * True when a row's prediction may depend on the rows beside it, so that none may be added: somewhere
 * a result that does not grow with the batch is made from one that does.
 */
export function mixesRows({ two, three }: Template<ModelGraph>): boolean {
  const [small, large] = [predictionStep(two), predictionStep(three)];
  const grows = (id: number) =>
    sizeOf(small.tensors[id]?.shape ?? []) !== sizeOf(large.tensors[id]?.shape ?? []);
  return small.nodes.some(
    (node) =>
      (node.inputs.some(grows) && !node.outputs.some(grows)) || picksRows(node, small, large),
  );
}

/** True for what takes rows of the batch by number, or adds them up to as many as their numbers say. */
export function picksRows({ op, inputs }: Node, small: Graph, large: Graph): boolean {
  if (op !== "Gather" && op !== "UnsortedSegmentSum") return false;
  const [table] = inputs as readonly [number];
  return small.tensors[table]?.shape[0] !== large.tensors[table]?.shape[0];
}
