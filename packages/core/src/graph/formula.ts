/** How an expression is written, by what knows optimizers and chains of ops; pages that only predict read none and write none. */
import type { Reduction } from "./expression.js";
import type { ScalarOperation } from "./scalar-operations.js";

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

  reduction(name: Reduction, operand: Value): Value {
    return this.#value(`${name} ${operand.index}`);
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
