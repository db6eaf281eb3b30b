/** A named loss as nodes of the graph. */
import type { GraphBuilder } from "../builder.js";
import { reshape } from "../ops/rules.js";
import { entropies } from "./cross-entropy.js";
import { differences } from "./differences.js";
import type { LossName, NamedLoss } from "./names.js";
import { labelsLikeOutput, rowsOf } from "./rows.js";

const isEntropy = (name: LossName): name is keyof typeof entropies =>
  Object.hasOwn(entropies, name);

/**
 * What tfjs's loss function gives for a batch.
 * @param output [B, …row, C], the model's output; [B] counts as [B, 1]
 * @param labels class indices [B, …row], float32 or int32; for other losses of the output's size
 * @returns [B, …row] @throws ShapeMismatch
 */
export function lossTensor(
  builder: GraphBuilder,
  loss: NamedLoss,
  output: number,
  labels: number,
): number {
  const shape = builder.shape(output);
  const losses = lossOfRows(builder, loss, output, labels);
  return reshape(builder, losses, shape.length > 1 ? shape.slice(0, -1) : shape);
}

function lossOfRows(
  builder: GraphBuilder,
  loss: NamedLoss,
  output: number,
  labels: number,
): number {
  const { name } = loss;
  if (isEntropy(name)) return entropies[name](builder, loss, output, labels);
  const target = labelsLikeOutput(builder, `loss ${name}`, output, labels);
  const prediction = reshape(builder, output, rowsOf(builder.shape(output)));
  return differences[name](builder, prediction, target, loss);
}
