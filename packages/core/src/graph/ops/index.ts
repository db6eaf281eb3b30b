/**
 * The op table: every op a graph may hold, by name. What all pages need is there from the start; what few models have
 * comes by `loadOps`, and what only steps have is held by those who build steps (step-builder.ts).
 */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Attributes, Graph, Tensor } from "../types.js";
import type { GradientRule, OpDefinition, OpFamily } from "./definition.js";
import { denseOps } from "./dense.js";
import { elementwiseOps } from "./elementwise.js";
import { reductionOps } from "./reduction.js";
import { shapeOps } from "./shape.js";
import { trainingModeOps } from "./training-mode.js";
import { windowOps } from "./window.js";

const COMMON = [
  elementwiseOps,
  shapeOps,
  reductionOps,
  denseOps,
  windowOps,
  trainingModeOps,
].flat();

type Load = () => Promise<OpFamily>;
const depthwise: Load = async () => (await import("./depthwise.js")).depthwiseOps;
const gather: Load = async () => (await import("./gather.js")).gatherOps;
const recurrent: Load = async () => (await import("./recurrent.js")).recurrentOps;

/** What few models have. */
const LATE: Readonly<Record<string, Load>> = {
  DepthwiseConv2dNative: depthwise,
  GRU: recurrent,
  Gather: gather,
  LSTM: recurrent,
  SimpleRNN: recurrent,
  UnsortedSegmentSum: gather,
};

const held = new Map<string, OpDefinition>(COMMON.map((op) => [op.name, op]));
const heldGradients = new Map<string, GradientRule>();
/** Late ops that were asked for before they were there. */
const missed = new Set<string>();

/** Puts ops in the table, once. */
export function holdOps(...families: readonly OpFamily[]): void {
  for (const { ops, gradients = {} } of families) {
    for (const op of ops) held.set(op.name, op);
    for (const [name, rule] of Object.entries(gradients)) heldGradients.set(name, rule);
  }
}

/** Loads what these ops need and is not there. Names that no model has are left alone. */
export async function loadOps(names: Iterable<string>): Promise<void> {
  const loads = new Set<Load>();
  for (const name of names) {
    if (!held.has(name) && Object.hasOwn(LATE, name)) loads.add(LATE[name] as Load);
  }
  holdOps(...(await Promise.all([...loads].map((load) => load()))));
}

/** Loads all that models may have. */
export const loadAllOps = () => loadOps(Object.keys(LATE));

/** Loads what `findOp` was asked for in vain. @returns whether there was anything */
export async function loadMissedOps(): Promise<boolean> {
  const names = [...missed];
  missed.clear();
  await loadOps(names);
  return names.length > 0;
}

/** Names of the ops of graphs. */
export const opsOf = (...graphs: readonly Graph[]): Set<string> =>
  new Set(graphs.flatMap(({ nodes }) => nodes.map(({ op }) => op)));

/** Whether a model may have the op, and not only a step. */
export const isOfModels = (name: string): boolean =>
  Object.hasOwn(LATE, name) || (COMMON.some((op) => op.name === name) && !name.includes("Fused"));

/** @throws Internal when the table has no op of that name; UnsupportedModel for one that `loadMissedOps` loads */
export function findOp(name: string): OpDefinition {
  const definition = held.get(name);
  if (definition) return definition;
  const isLate = Object.hasOwn(LATE, name);
  if (isLate) missed.add(name);
  const what = `there is no op "${name}"`;
  throw new HoneError(
    isLate ? "UnsupportedModel" : "Internal",
    "op table",
    `${what}${isLate ? " yet" : ""}.`,
  );
}

/** Undefined where nothing flows back: see `OpFamily`. */
export const findGradient = (name: string): GradientRule | undefined => heldGradients.get(name);

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

/** Names of the ops that are held. */
export function opNames(): readonly string[] {
  return [...held.keys()];
}

export type { GradientContext, Inferred, OpDefinition } from "./definition.js";
