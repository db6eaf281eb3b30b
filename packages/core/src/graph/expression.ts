/**
 * A small straight-line expression over single elements: what ops `Map`, `RowMap` and `ColumnMap` compute.
 *
 * It travels as text, one instruction for each value, `; ` between them: so it survives JSON and structured
 * cloning, and is its own cache key. Operations bear the names of the ops that compute them on tensors.
 */
import { invariant } from "../errors.js";
import { ARITY, type ScalarOperation } from "./scalar-operations.js";
import type { Attributes } from "./types.js";

/** What takes a value of all elements along an axis together. */
export const reductions = ["Sum", "Max"] as const;
export type Reduction = (typeof reductions)[number];

/** One line of an expression: a number, an operand's element, or an operation on earlier lines. */
export type Instruction =
  /** The element of an input that goes with the result's, after broadcasting. */
  | { readonly kind: "input"; readonly input: number }
  /** One element of an input, the same for all of the result. */
  | { readonly kind: "element"; readonly input: number; readonly element: number }
  | { readonly kind: "constant"; readonly value: number }
  /** Along the axes of a `RowMap` or `ColumnMap`; a `Map` has none. */
  | { readonly kind: "reduction"; readonly name: Reduction; readonly operands: readonly [number] }
  | {
      readonly kind: "operation";
      readonly name: ScalarOperation;
      /** Earlier values. */
      readonly operands: readonly number[];
    };

/** What a Map computes at each element: lines, and which of them are its results. */
export interface Expression {
  /** Value i is what instruction i gives. */
  readonly instructions: readonly Instruction[];
  /** The value of each output. */
  readonly results: readonly number[];
}

/** The expression that a Map's attributes hold. @throws Internal for one that is not well formed */
export function readExpression({ code, results }: Attributes): Expression {
  invariant(typeof code === "string" && Array.isArray(results), "Map", "its expression is missing");
  const instructions = instructionsOf(code);
  const known = (value: unknown) => Number(value) >= 0 && Number(value) < instructions.length;
  invariant(results.every(known), "Map", `a result of [${results}] is no value of "${code}"`);
  return { instructions, results };
}

/** What codes say: a step has the same few in many places. All are forgotten where they become many. */
const knownCodes = new Map<string, readonly Instruction[]>();
const MOST_KNOWN = 1000;

function instructionsOf(code: string): readonly Instruction[] {
  let instructions = knownCodes.get(code);
  if (instructions === undefined) {
    instructions = code === "" ? [] : code.split("; ").map(readInstruction);
    if (knownCodes.size === MOST_KNOWN) knownCodes.clear();
    knownCodes.set(code, instructions);
  }
  return instructions;
}

function readInstruction(text: string, index: number): Instruction {
  const [name = "", ...rest] = text.split(" ");
  const numbers = rest.map(Number);
  const [first = Number.NaN, second = Number.NaN] = numbers;
  if (name === "constant" && rest.length === 1) return { kind: "constant", value: first };
  const whole = numbers.every((number) => Number.isInteger(number) && number >= 0);
  invariant(whole, "Map", `"${text}" has an operand that is no number`);
  if (name === "input" && rest.length === 1) return { kind: "input", input: first };
  if (name === "element" && rest.length === 2) {
    return { kind: "element", input: first, element: second };
  }
  const fits = numbers.every((number) => number < index);
  const reduction = reductions.find((one) => one === name);
  if (reduction && rest.length === 1 && fits) {
    return { kind: "reduction", name: reduction, operands: [first] };
  }
  const isKnown = Object.hasOwn(ARITY, name) && ARITY[name as ScalarOperation] === rest.length;
  invariant(isKnown && fits, "Map", `"${text}", value ${index}, is no instruction`);
  return { kind: "operation", name: name as ScalarOperation, operands: numbers };
}

/** The values an instruction is computed from. */
export function operandsOf(instruction: Instruction): readonly number[] {
  return "operands" in instruction ? instruction.operands : [];
}

/**
 * Which values are the same for every element that is taken together: those that no input's own element goes into.
 * @param stays whether an input is the same for all of them
 */
export function uniformValues(
  { instructions }: Expression,
  stays: (input: number) => boolean = () => false,
): readonly boolean[] {
  const uniform: boolean[] = [];
  for (const instruction of instructions) {
    uniform.push(
      instruction.kind === "operation"
        ? instruction.operands.every((operand) => uniform[operand])
        : instruction.kind !== "input" || stays(instruction.input),
    );
  }
  return uniform;
}

/** Whether an input is read element by element, and not only some elements of it for all. */
export function isReadByElement({ instructions }: Expression, input: number): boolean {
  return instructions.some(
    (instruction) => instruction.kind === "input" && instruction.input === input,
  );
}

/** Which values a result needs. */
export function liveValues({ instructions, results }: Expression): readonly boolean[] {
  const live: boolean[] = instructions.map(() => false);
  for (const result of results) live[result] = true;
  for (let index = instructions.length - 1; index >= 0; index--) {
    if (!live[index]) continue;
    for (const operand of operandsOf(instructions[index] as Instruction)) live[operand] = true;
  }
  return live;
}
