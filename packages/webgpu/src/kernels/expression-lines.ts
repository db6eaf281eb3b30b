/** An expression's values as WGSL: a variable `v…` for each, and for a comparison `is…` besides. */
import type { Expression, Instruction } from "@hone/core/maps";
import { type Comparison, comparisons, literal, scalars } from "./scalar.js";

const isComparison = (name: string): name is Comparison => Object.hasOwn(comparisons, name);

/** What stands for operands. */
export interface Operands {
  /** The variable of an input, and its element that goes with what is made. */
  readonly inputs: readonly string[];
  readonly elements: readonly string[];
}

/**
 * The lines that make these values, but for reductions, whose variables are there.
 * @param values indices, in order
 */
export function expressionLines(
  { instructions }: Expression,
  values: readonly number[],
  { inputs, elements }: Operands,
): string[] {
  const line = (instruction: Instruction, index: number): string[] => {
    switch (instruction.kind) {
      case "constant":
        return [`let v${index} = ${literal(instruction.value)};`];
      case "element":
        return [`let v${index} = ${inputs[instruction.input]}[${instruction.element}];`];
      case "input":
        return [`let v${index} = ${elements[instruction.input]};`];
      case "reduction":
        return [];
      case "operation": {
        const { name, operands } = instruction;
        const of = (text: string) =>
          text.replace(/\b[abc]\b/g, (value) => `v${operands["abc".indexOf(value)]}`);
        if (isComparison(name)) {
          return [
            `let is${index} = ${of(comparisons[name])}; let v${index} = select(0.0, 1.0, is${index});`,
          ];
        }
        const asked = instructions[operands[0] as number];
        const compares =
          name === "Select" && asked?.kind === "operation" && isComparison(asked.name);
        const text = compares ? `select(c, b, is${operands[0]})` : scalars[name];
        return [`let v${index} = ${of(text)};`];
      }
    }
  };
  return values.flatMap((index) => line(instructions[index] as Instruction, index));
}
