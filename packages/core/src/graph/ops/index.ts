/** The op table: every op a graph may hold, by name. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Attributes, Tensor } from "../types.js";
import { binaryOps } from "./binary.js";
import type { OpDefinition } from "./definition.js";
import { denseOps } from "./dense.js";
import { depthwiseOps } from "./depthwise.js";
import { fusedOps } from "./fused.js";
import { gatherOps } from "./gather.js";
import { learningOps } from "./learning.js";
import { mapOps } from "./map.js";
import { randomOps } from "./random.js";
import { reductionOps } from "./reduction.js";
import { shapeOps } from "./shape.js";
import { unaryOps } from "./unary.js";
import { windowOps } from "./window.js";

const TABLE: ReadonlyMap<string, OpDefinition> = new Map(
  [
    unaryOps,
    binaryOps,
    shapeOps,
    gatherOps,
    reductionOps,
    denseOps,
    windowOps,
    depthwiseOps,
    mapOps,
    learningOps,
    randomOps,
    fusedOps,
  ]
    .flat()
    .map((definition) => [definition.name, definition]),
);

/** @throws Internal when the table has no op of that name */
export function findOp(name: string): OpDefinition {
  const definition = TABLE.get(name);
  if (definition) return definition;
  throw new HoneError("Internal", "op table", `there is no op "${name}".`);
}

/** Whether a target that lacks the op can run what it is made of. */
export function isExpandable(name: string): boolean {
  const { expand, expandNode } = findOp(name);
  return expand !== undefined || expandNode !== undefined;
}

/** Floating-point operations of one node: of the full dense formulation, whatever a kernel leaves out. */
export function countFlops(
  op: string,
  inputs: readonly Tensor[],
  output: Tensor,
  attributes: Attributes,
): number {
  return findOp(op).flops?.(inputs, output, attributes) ?? sizeOf(output.shape);
}

/** Names of every op in the table. */
export function opNames(): readonly string[] {
  return [...TABLE.keys()];
}

export type { GradientContext, OpDefinition } from "./definition.js";
