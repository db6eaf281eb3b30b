/** Nodes that compute number by number, or take numbers along axes together: what expressions are made of. */
import type { Formula, Value } from "../graph/formula.js";
import { type ScalarOperation, scalarOperations } from "../graph/scalar-operations.js";
import type { Attributes, Node } from "../graph/types.js";

type Write = (operands: readonly Value[], attributes: Attributes) => Value;

const number = (attributes: Attributes, name: string) => attributes[name] as number;

/** Ops that are no single operation of an expression. */
const WRITTEN: Readonly<Record<string, Write>> = {
  Identity: ([x]) => x as Value,
  Relu: ([x]) => (x as Value).max(0),
  Relu6: ([x]) => (x as Value).max(0).min(6),
  LeakyRelu: ([value], attributes) => {
    const x = value as Value;
    const isPositive = x.formula.operation("Greater", x, 0);
    return x.formula.operation("Select", isPositive, x, x.times(number(attributes, "alpha")));
  },
  ClipByValue: ([x], attributes) =>
    (x as Value).max(number(attributes, "clipValueMin")).min(number(attributes, "clipValueMax")),
  Step: ([x], attributes) => step(x as Value, attributes),
  MultiplyByStep: ([x, dy], attributes) =>
    (dy as Value)
      .times((attributes.scale as number | undefined) ?? 1)
      .times(step(x as Value, attributes)),
  AssignMovingAverage: ([average, value], attributes) => {
    const decay = number(attributes, "decay");
    return (average as Value).times(decay).plus((value as Value).times(1 - decay));
  },
};

function step(x: Value, attributes: Attributes): Value {
  return x.formula.operation("Step", x, number(attributes, "alpha"));
}

export function isElementwise({ op }: Node): boolean {
  return Object.hasOwn(WRITTEN, op) || scalarOperations.includes(op as ScalarOperation);
}

export function isReduction({ op }: Node): boolean {
  return op === "Sum" || op === "Max" || op === "MultiplySum";
}

/** Whether it is one of those that take many times as long as a sum. */
export function isCostly({ op }: Node): boolean {
  return ["Exp", "Log", "Tanh", "Sigmoid", "Erf", "Softplus", "Pow"].includes(op);
}

/** The value of a node, of its operands' values. */
export function valueAfter(
  formula: Formula,
  { op, attributes }: Node,
  operands: readonly Value[],
): Value {
  const [a, b] = operands as readonly [Value, Value?];
  if (op === "Sum" || op === "Max") return formula.reduction(op, a);
  if (op === "MultiplySum") return formula.reduction("Sum", a.times(b as Value));
  return (
    WRITTEN[op]?.(operands, attributes) ?? formula.operation(op as ScalarOperation, ...operands)
  );
}
