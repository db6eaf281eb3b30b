/**
 * A small straight-line expression over single elements: what op `Map` computes.
 *
 * It travels as text, one instruction for each value, `; ` between them: so it survives JSON and structured
 * cloning, and is its own cache key. Operations bear the names of the ops that compute them on tensors.
 */
import { invariant } from "../errors.js";
import type { Attributes } from "./types.js";

/** How many operands each takes. `Step` is 1 for a > 0 and b for a ≤ 0, b being a constant. */
const ARITY = {
  Abs: 1,
  Neg: 1,
  Sign: 1,
  Sqrt: 1,
  Rsqrt: 1,
  Square: 1,
  Reciprocal: 1,
  Exp: 1,
  Log: 1,
  Tanh: 1,
  Sigmoid: 1,
  Erf: 1,
  Softplus: 1,
  Add: 2,
  Sub: 2,
  Multiply: 2,
  RealDiv: 2,
  Maximum: 2,
  Minimum: 2,
  Pow: 2,
  SquaredDifference: 2,
  EluGrad: 2,
  Step: 2,
  Equal: 2,
  NotEqual: 2,
  Greater: 2,
  GreaterEqual: 2,
  Less: 2,
  LessEqual: 2,
  Select: 3,
} as const;

export type ScalarOperation = keyof typeof ARITY;
export const scalarOperations = Object.keys(ARITY) as readonly ScalarOperation[];

export type Instruction =
  /** The element of an input that goes with the result's, after broadcasting. */
  | { readonly kind: "input"; readonly input: number }
  /** One element of an input, the same for all of the result. */
  | { readonly kind: "element"; readonly input: number; readonly element: number }
  | { readonly kind: "constant"; readonly value: number }
  | {
      readonly kind: "operation";
      readonly name: ScalarOperation;
      /** Earlier values. */
      readonly operands: readonly number[];
    };

export interface Expression {
  /** Value i is what instruction i gives. */
  readonly instructions: readonly Instruction[];
  /** The value of each output. */
  readonly results: readonly number[];
}

/** The expression that a Map's attributes hold. @throws Internal for one that is not well formed */
export function readExpression({ code, results }: Attributes): Expression {
  invariant(typeof code === "string" && Array.isArray(results), "Map", "its expression is missing");
  const instructions = code === "" ? [] : code.split("; ").map(readInstruction);
  const known = (value: unknown) => Number(value) >= 0 && Number(value) < instructions.length;
  invariant(results.every(known), "Map", `a result of [${results}] is no value of "${code}"`);
  return { instructions, results };
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
  const isKnown = Object.hasOwn(ARITY, name) && ARITY[name as ScalarOperation] === rest.length;
  invariant(isKnown && fits, "Map", `"${text}", value ${index}, is no instruction`);
  return { kind: "operation", name: name as ScalarOperation, operands: numbers };
}

/** Which values are the same for every element: those that no input's own element goes into. */
export function uniformValues({ instructions }: Expression): readonly boolean[] {
  const uniform: boolean[] = [];
  for (const instruction of instructions) {
    uniform.push(
      instruction.kind === "operation"
        ? instruction.operands.every((operand) => uniform[operand])
        : instruction.kind !== "input",
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
    const instruction = instructions[index];
    if (!live[index] || instruction?.kind !== "operation") continue;
    for (const operand of instruction.operands) live[operand] = true;
  }
  return live;
}

/** Writes an expression; equal values are written once. */
export class Formula {
  readonly #lines: string[] = [];
  readonly #known = new Map<string, Value>();

  input(index: number): Value {
    return this.#value(`input ${index}`);
  }

  element(input: number, element: number): Value {
    return this.#value(`element ${input} ${element}`);
  }

  constant(value: number): Value {
    return this.#value(`constant ${Object.is(value, -0) ? "-0" : value}`);
  }

  operation(name: ScalarOperation, ...operands: readonly (Value | number)[]): Value {
    const values = operands.map((operand) =>
      typeof operand === "number" ? this.constant(operand) : operand,
    );
    return this.#value([name, ...values.map(({ index }) => index)].join(" "));
  }

  /** The attributes of a Map with these results. */
  attributes(results: readonly Value[]): { readonly code: string; readonly results: number[] } {
    return { code: this.#lines.join("; "), results: results.map(({ index }) => index) };
  }

  #value(line: string): Value {
    const known = this.#known.get(line);
    if (known) return known;
    const value = new Value(this, this.#lines.length);
    this.#lines.push(line);
    this.#known.set(line, value);
    return value;
  }
}

/** A value of a formula being written. */
export class Value {
  readonly formula: Formula;
  readonly index: number;

  constructor(formula: Formula, index: number) {
    this.formula = formula;
    this.index = index;
  }

  plus(other: Value | number): Value {
    return other === 0 ? this : this.formula.operation("Add", this, other);
  }
  minus(other: Value | number): Value {
    return other === 0 ? this : this.formula.operation("Sub", this, other);
  }
  times(other: Value | number): Value {
    return other === 1 ? this : this.formula.operation("Multiply", this, other);
  }
  over(other: Value | number): Value {
    return this.formula.operation("RealDiv", this, other);
  }
  max(other: Value | number): Value {
    return this.formula.operation("Maximum", this, other);
  }
  min(other: Value | number): Value {
    return this.formula.operation("Minimum", this, other);
  }
  square(): Value {
    return this.formula.operation("Square", this);
  }
  squareRoot(): Value {
    return this.formula.operation("Sqrt", this);
  }
  absolute(): Value {
    return this.formula.operation("Abs", this);
  }
  sign(): Value {
    return this.formula.operation("Sign", this);
  }
  /** `yes` where this is below `limit`, else `no`; NaN is not below. */
  below(limit: Value | number, yes: Value | number, no: Value | number): Value {
    const isBelow = this.formula.operation("Less", this, limit);
    return this.formula.operation("Select", isBelow, yes, no);
  }
}
