/** The gradients of a step side by side in one block, in the order of their parameters. */
import { HoneError } from "../errors.js";
import { inGroup } from "./apply-optimizer.js";
import type { GraphBuilder } from "./builder.js";
import { sizeOf } from "./geometry.js";
import { gradients } from "./gradient.js";

export interface GradientBlock {
  /** One for each parameter, of its shape. */
  readonly gradients: readonly number[];
  /** Euclidean length of all of them together, [1]. */
  readonly norm: number;
}

/** The buffer of a parameter's gradient, by the parameter's name. */
export function gradientBuffer(parameter: string, group?: string): string {
  return `${inGroup("gradient", group)}:${parameter}`;
}

/**
 * Appends the backward pass.
 * @param seeds known gradients of the loss, by tensor
 * @throws UnsupportedModel when there is no parameter
 */
export function backward(
  builder: GraphBuilder,
  seeds: ReadonlyMap<number, number>,
  parameters: readonly number[],
  group?: string,
): GradientBlock {
  if (parameters.length === 0) {
    throw new HoneError("UnsupportedModel", "training", "no weight of the model is trainable.");
  }
  return gradientBlock(builder, parameters, gradients(builder, seeds, parameters), group);
}

/** Puts gradients side by side. @param found those of the parameters that the loss depends on */
export function gradientBlock(
  builder: GraphBuilder,
  parameters: readonly number[],
  found: ReadonlyMap<number, number>,
  group?: string,
): GradientBlock {
  const named = parameters.map((id) => nameGradient(builder, id, found.get(id), group));
  const length = parameters.reduce((sum, id) => sum + sizeOf(builder.shape(id)), 0);
  const flat = builder.persistent(inGroup("gradients", group), "gradient", [length], {
    span: named,
  });
  return { gradients: named, norm: builder.op("GlobalNorm", [flat]) };
}

/**
 * Makes a parameter's gradient a named tensor. The node that computes it writes it there directly,
 * unless its result is needed under another name too.
 */
function nameGradient(
  builder: GraphBuilder,
  parameter: number,
  gradient: number | undefined,
  group: string | undefined,
): number {
  const { name, shape } = builder.tensor(parameter);
  const title = gradientBuffer(name as string, group);
  const block = inGroup("gradients", group);
  // A parameter the loss does not depend on: its gradient is the zeros the block is made of.
  if (gradient === undefined) return builder.persistent(title, "gradient", shape, { block });
  const owner = builder.ownResult(gradient);
  if (owner === undefined) {
    const result = builder.persistent(title, "gradient", shape, { block });
    builder.opInto("Identity", [gradient], result);
    return result;
  }
  builder.retype(owner, "gradient", title, block);
  return owner;
}
