/** Gradients of functions of one element. They use the result where they can: it is alive anyway. */
import type { GradientRules } from "../ops/definition.js";
import { numeric, scaled } from "../ops/rules.js";
import type { Attributes } from "../types.js";
import type { GraphWriter } from "../writer.js";

type Derivative = (
  builder: GraphWriter,
  x: number,
  y: number,
  dy: number,
  attributes: Attributes,
) => number;

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const times = (builder: GraphWriter, a: number, b: number) => builder.op("Multiply", [a, b]);

const DERIVATIVES: Readonly<Record<string, Derivative>> = {
  Identity: (_builder, _x, _y, dy) => dy,
  // −1 at 0, as in tfjs: a bias that starts at 0 under an L1 penalty moves there.
  Abs: (b, x, _y, dy) => times(b, dy, b.op("Step", [x], { alpha: -1 })),
  Neg: (b, _x, _y, dy) => b.op("Neg", [dy]),
  Sqrt: (b, _x, y, dy) => b.op("RealDiv", [scaled(b, dy, 0.5), y]),
  Rsqrt: (b, _x, y, dy) => scaled(b, times(b, dy, times(b, y, b.op("Square", [y]))), -0.5),
  Square: (b, x, _y, dy) => times(b, dy, scaled(b, x, 2)),
  Reciprocal: (b, _x, y, dy) => b.op("Neg", [times(b, dy, b.op("Square", [y]))]),
  Exp: (b, _x, y, dy) => times(b, dy, y),
  Log: (b, x, _y, dy) => b.op("RealDiv", [dy, x]),
  Tanh: (b, _x, y, dy) => times(b, dy, b.op("Sub", [b.scalar(1), b.op("Square", [y])])),
  Sigmoid: (b, _x, y, dy) => times(b, dy, times(b, y, b.op("Sub", [b.scalar(1), y]))),
  Erf: (b, x, _y, dy) =>
    times(
      b,
      dy,
      scaled(b, b.op("Exp", [b.op("Neg", [b.op("Square", [x])])]), 2 / Math.sqrt(Math.PI)),
    ),
  Softplus: (b, x, _y, dy) => times(b, dy, b.op("Sigmoid", [x])),
  Relu: (b, _x, y, dy) => times(b, dy, b.op("Step", [y], { alpha: 0 })),
  Relu6: (b, x, y, dy) =>
    times(b, dy, times(b, b.op("Step", [y], { alpha: 0 }), b.op("LessEqual", [x, b.scalar(6)]))),
  Elu: (b, _x, y, dy) => b.op("EluGrad", [dy, y]),
  Selu: (b, x, y, dy) => {
    const below = b.op("Add", [y, b.scalar(SELU_SCALE * SELU_ALPHA)]);
    return times(
      b,
      dy,
      b.op("Select", [b.op("Step", [x], { alpha: 0 }), b.scalar(SELU_SCALE), below]),
    );
  },
  LeakyRelu: (b, x, _y, dy, attributes) =>
    times(b, dy, b.op("Step", [x], { alpha: numeric(attributes, "alpha") })),
  ClipByValue: (b, x, _y, dy, attributes) => {
    const above = b.op("GreaterEqual", [x, b.scalar(numeric(attributes, "clipValueMin"))]);
    const below = b.op("LessEqual", [x, b.scalar(numeric(attributes, "clipValueMax"))]);
    // Chosen, not multiplied: behind a logarithm of 0 what is stopped here is infinite.
    return b.op("Select", [times(b, above, below), dy, b.scalar(0)]);
  },
};

export const unaryGradients: GradientRules = {
  ...Object.fromEntries(
    Object.entries(DERIVATIVES).map(([name, derivative]) => [
      name,
      ({ builder, inputs, output, dOutput, attributes }) => [
        derivative(builder, inputs[0] as number, output, dOutput, attributes),
      ],
    ]),
  ),
  // Straight through, also where it cuts to whole numbers, as in tfjs.
  Cast: ({ dOutput }) => [dOutput],
};
