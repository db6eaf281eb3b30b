/** Gradients of functions of two elements; that of a broadcast operand is summed back. */
import type { GradientRules } from "../ops/definition.js";
import { scaled } from "../ops/rules.js";
import type { GraphWriter } from "../writer.js";
import { sumTo } from "./sum-to.js";

interface Operands {
  readonly b: GraphWriter;
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly dy: number;
}
type PartialDerivative = (operands: Operands) => number;

const times = (b: GraphWriter, x: number, y: number) => b.op("Multiply", [x, y]);

/** Gradients for the left and the right operand, before summing back. */
const PARTIALS: Readonly<Record<string, readonly [PartialDerivative, PartialDerivative]>> = {
  Add: [({ dy }) => dy, ({ dy }) => dy],
  Sub: [({ dy }) => dy, ({ b, dy }) => b.op("Neg", [dy])],
  Multiply: [({ b, right, dy }) => times(b, dy, right), ({ b, left, dy }) => times(b, dy, left)],
  RealDiv: [
    ({ b, right, dy }) => b.op("RealDiv", [dy, right]),
    ({ b, right, y, dy }) => b.op("Neg", [b.op("RealDiv", [times(b, dy, y), right])]),
  ],
  Maximum: [
    ({ b, left, right, dy }) => times(b, dy, b.op("GreaterEqual", [left, right])),
    ({ b, left, right, dy }) => times(b, dy, b.op("Less", [left, right])),
  ],
  Minimum: [
    ({ b, left, right, dy }) => times(b, dy, b.op("LessEqual", [left, right])),
    ({ b, left, right, dy }) => times(b, dy, b.op("Greater", [left, right])),
  ],
  Pow: [
    ({ b, left, right, dy }) => {
      const lower = b.op("Pow", [left, b.op("Sub", [right, b.scalar(1)])]);
      return times(b, dy, times(b, right, lower));
    },
    ({ b, left, y, dy }) => {
      // log of a non-positive base is taken as 0, as in tfjs.
      const positive = b.op("Greater", [left, b.scalar(0)]);
      const logarithm = b.op("Log", [b.op("Select", [positive, left, b.scalar(1)])]);
      return times(b, dy, times(b, y, logarithm));
    },
  ],
  SquaredDifference: [
    ({ b, left, right, dy }) => times(b, dy, scaled(b, b.op("Sub", [left, right]), 2)),
    ({ b, left, right, dy }) => times(b, dy, scaled(b, b.op("Sub", [right, left]), 2)),
  ],
};

export const binaryGradients: GradientRules = {
  ...Object.fromEntries(
    Object.entries(PARTIALS).map(([name, [left, right]]) => [
      name,
      ({ builder, inputs, output, dOutput, wanted }) => {
        const [a, b] = inputs as readonly [number, number];
        const operands: Operands = { b: builder, left: a, right: b, y: output, dy: dOutput };
        return [
          wanted[0] ? sumTo(builder, left(operands), builder.shape(a)) : undefined,
          wanted[1] ? sumTo(builder, right(operands), builder.shape(b)) : undefined,
        ];
      },
    ]),
  ),
  Select: ({ builder, inputs, dOutput, wanted }) => {
    const [condition, a, b] = inputs as readonly [number, number, number];
    const zero = builder.scalar(0);
    const whereTrue = () => builder.op("Select", [condition, dOutput, zero]);
    const whereFalse = () => builder.op("Select", [condition, zero, dOutput]);
    return [
      undefined,
      wanted[1] ? sumTo(builder, whereTrue(), builder.shape(a)) : undefined,
      wanted[2] ? sumTo(builder, whereFalse(), builder.shape(b)) : undefined,
    ];
  },
};
