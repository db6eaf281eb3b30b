/** Reading a call: its operands and attributes, and how errors name it. */
import { HoneError, invariant } from "../errors.js";
import type { Shape } from "../graph/types.js";
import type { Call, Entry, Operand } from "../plan/program.js";

/** How errors name a call: `"train@64" Conv2D of "conv1"`. */
export function locationOf(entry: Entry, call: Call): string {
  return `"${entry.name}" ${call.op}${call.label ? ` of "${call.label}"` : ""}`;
}

/** The error for an op that `backend` cannot run. */
export function missingKernel(backend: string, where: string, op: string): HoneError {
  return new HoneError(
    "LacksOp",
    where,
    `the ${backend} backend has no kernel for op "${op}". Plan for its target, which lists the ops it has.`,
  );
}

export function inputOperand(call: Call, index: number): Operand {
  const operand = call.inputs[index];
  invariant(operand, call.op, `input ${index} is missing`);
  return operand;
}

export function outputOperand(call: Call, index = 0): Operand {
  const operand = call.outputs[index];
  invariant(operand, call.op, `output ${index} is missing`);
  return operand;
}

export function shapeOfInput(call: Call, index: number): Shape {
  return inputOperand(call, index).shape;
}

export function shapeOfOutput(call: Call, index = 0): Shape {
  return outputOperand(call, index).shape;
}

export function numberAttribute(call: Call, name: string): number {
  const value = call.attributes[name];
  invariant(typeof value === "number", call.op, `attribute "${name}" is ${value}, not a number`);
  return value;
}

/** Where in the generator's blocks of four a random op begins: 0 unless its rows are a later part of a batch. */
export function firstBlockOf(call: Call): number {
  return call.attributes.firstBlock === undefined ? 0 : numberAttribute(call, "firstBlock");
}

export function listAttribute(call: Call, name: string): readonly number[] {
  const value = call.attributes[name];
  invariant(typeof value === "object", call.op, `attribute "${name}" is ${value}, not a list`);
  return value;
}
