/** Maps: every scalar operation at all that its own op is tried on, broadcasting, several results, in place. */
import { Formula, type ScalarOperation, scalarOperations } from "@hone/core/internals";
import { binaryCases } from "./binary.js";
import { exact, list, normal, type OpCase, rounded, transcendental, uniform } from "./case.js";
import { elementwiseCases } from "./elementwise.js";

const isOperation = (op: string): op is ScalarOperation =>
  scalarOperations.some((operation) => operation === op);

/** A case of an op as a Map of that one operation. */
function asMap({ op, name, inputs, attributes, tolerance }: OpCase): OpCase[] {
  if (!isOperation(op) || inputs.some(({ dtype, constant }) => dtype !== undefined || constant)) {
    return [];
  }
  const formula = new Formula();
  const operands = inputs.map((_, index) => formula.input(index));
  const alpha = op === "Step" ? [attributes?.alpha as number] : [];
  const result = formula.operation(op, ...operands, ...alpha);
  return [
    {
      op: "Map",
      name: `${op} ${name}`,
      inputs,
      attributes: formula.attributes([result]),
      tolerance,
    },
  ];
}

const ofOneOperation = [...elementwiseCases, ...binaryCases]
  .filter(({ nodes }) => nodes === undefined)
  .flatMap(asMap);

interface Chain {
  readonly name: string;
  readonly inputs: OpCase["inputs"];
  readonly write: (formula: Formula) => ReturnType<Formula["input"]>[];
  readonly tolerance?: OpCase["tolerance"];
  readonly changed?: readonly number[];
}

const CHAINS: readonly Chain[] = [
  {
    name: "of a normalisation: rows of channels, moved and scaled",
    inputs: [normal(4, 5, 3, 6), normal(6), uniform(0.5, 2, 6), normal(6)],
    write: (f) => [f.input(0).minus(f.input(1)).over(f.input(2)).plus(f.input(3)).max(0)],
    tolerance: { ...rounded, absolute: 1e-6, reason: "terms may cancel" },
  },
  {
    name: "with single elements of a row, which steer it all",
    inputs: [normal(1037), list([9, 0.5, -3, 9])],
    write: (f) => [f.input(0).times(f.element(1, 1).times(2)).plus(f.element(1, 2))],
  },
  {
    name: "of values that are used again and again",
    inputs: [normal(33), normal(33)],
    write: (f) => {
      const sum = f.input(0).plus(f.input(1));
      const square = sum.square();
      return [square.times(sum).plus(square).minus(sum).over(square.plus(1))];
    },
    tolerance: { ...rounded, absolute: 1e-6, reason: "terms may cancel" },
  },
  {
    name: "of a comparison that is a number and a condition at once",
    inputs: [normal(21), normal(21)],
    write: (f) => {
      const less = f.operation("Less", f.input(0), f.input(1));
      const chosen = f.operation("Select", less, f.input(0), 7);
      return [chosen.plus(less)];
    },
  },
  {
    name: "of constants that are no numbers",
    inputs: [normal(5)],
    write: (f) => [
      f.input(0).min(Number.POSITIVE_INFINITY).max(Number.NEGATIVE_INFINITY),
      f.input(0).plus(Number.NaN),
      f.constant(-0).max(-0).over(f.input(0).absolute()),
    ],
    tolerance: exact,
  },
  {
    name: "of no element's own, the same for all",
    inputs: [normal(7), list([2, 3])],
    write: (f) => [f.input(0), f.element(1, 0).times(f.element(1, 1))],
  },
  {
    name: "of gates: several results of one pass",
    inputs: [normal(3, 11), normal(3, 11), normal(11)],
    write: (f) => {
      const gate = f.operation("Sigmoid", f.input(0).plus(f.input(2)));
      return [gate.times(f.operation("Tanh", f.input(1))), gate];
    },
    tolerance: transcendental,
  },
  {
    name: "that exchanges its operands in place",
    inputs: [normal(1037), normal(1037)],
    changed: [0, 1],
    write: (f) => [f.input(1), f.input(0)],
    tolerance: exact,
  },
  {
    name: "in place on a matrix, from rows and columns of others",
    inputs: [normal(6, 9), normal(9), normal(6, 1)],
    changed: [0],
    write: (f) => [f.input(0).times(f.input(1)).minus(f.input(2))],
    tolerance: { ...rounded, absolute: 1e-6, reason: "terms may cancel" },
  },
];

export const mapCases: readonly OpCase[] = [
  ...ofOneOperation,
  ...CHAINS.map(({ name, inputs, write, changed, tolerance = rounded }): OpCase => {
    const formula = new Formula();
    const results = write(formula);
    return {
      op: "Map",
      name,
      inputs,
      attributes: formula.attributes(results),
      ...(changed ? { changed } : { results: results.length }),
      tolerance,
    };
  }),
];
