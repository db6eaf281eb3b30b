/** Arithmetic on traced tensors and plain numbers, for kernels that are formulas. */
import type { Traced, TracedBuilder } from "../traced.js";

export type Operand = Traced | number;

/** Operations on float32 tensors; a number stands for itself everywhere. */
export class Arithmetic {
  readonly #build: TracedBuilder;

  constructor(build: TracedBuilder) {
    this.#build = build;
  }

  add = (a: Operand, b: Operand) => this.#two("Add", a, b);
  sub = (a: Operand, b: Operand) => this.#two("Sub", a, b);
  mul = (a: Operand, b: Operand) => this.#two("Multiply", a, b);
  div = (a: Operand, b: Operand) => this.#two("RealDiv", a, b);
  max = (a: Operand, b: Operand) => this.#two("Maximum", a, b);
  min = (a: Operand, b: Operand) => this.#two("Minimum", a, b);
  equal = (a: Operand, b: Operand) => this.#two("Equal", a, b);
  notEqual = (a: Operand, b: Operand) => this.#two("NotEqual", a, b);
  less = (a: Operand, b: Operand) => this.#two("Less", a, b);
  greater = (a: Operand, b: Operand) => this.#two("Greater", a, b);
  greaterEqual = (a: Operand, b: Operand) => this.#two("GreaterEqual", a, b);
  lessEqual = (a: Operand, b: Operand) => this.#two("LessEqual", a, b);

  /** `yes` where the condition is not 0, else `no`. */
  select = (condition: Operand, yes: Operand, no: Operand) =>
    this.#build.elementwise("Select", [condition, yes, no].map(this.#tensor));

  one = (op: string, x: Traced) => this.#build.unary(op, x);

  /** Σ coefficients[i] · xⁱ */
  polynomial(x: Traced, coefficients: readonly number[]): Traced {
    const [highest = 0, ...lower] = [...coefficients].reverse();
    return lower.reduce<Traced>(
      (sum, coefficient) => this.add(this.mul(sum, x), coefficient),
      this.#build.scalar(highest),
    );
  }

  #two(op: string, a: Operand, b: Operand): Traced {
    return this.#build.elementwise(op, [a, b].map(this.#tensor));
  }

  readonly #tensor = (operand: Operand): Traced =>
    typeof operand === "number" ? this.#build.scalar(operand) : this.#build.float(operand);
}
