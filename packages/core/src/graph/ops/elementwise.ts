/** Functions of one element, and of two with numpy broadcasting. */
import { broadcastShape } from "../geometry.js";
import type { Tensor } from "../types.js";
import type { Infer, OpDefinition } from "./definition.js";
import { fromAttribute, mismatch, sameAsInput } from "./rules.js";

export const UNARY: readonly string[] = [
  ...["Identity", "Abs", "Neg", "Sign", "Sqrt", "Rsqrt", "Square", "Reciprocal", "Exp", "Log"],
  ...["Tanh", "Sigmoid", "Erf", "Softplus", "Relu", "Relu6", "Elu", "Selu", "LeakyRelu"],
  ...["ClipByValue", "Step"],
];

/** Ops of two operands that are made as long as each other. */
export const BROADCASTING: readonly string[] = [
  ...["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "Pow", "SquaredDifference"],
  ...["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"],
];

const inferBinary =
  (name: string): Infer =>
  (inputs) => {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    if (a.dtype !== b.dtype) mismatch(name, `operands are ${a.dtype} and ${b.dtype}. Cast one.`);
    return { shape: broadcastShape(a.shape, b.shape, name) };
  };

export const elementwiseOps: readonly OpDefinition[] = [
  ...UNARY.map((name) => ({ name, infer: sameAsInput })),
  ...BROADCASTING.map((name) => ({ name, infer: inferBinary(name) })),
  {
    name: "Floor",
    infer: sameAsInput,
    // Beyond 2²³ every float32 is whole, and beyond 2³¹ none is an int32.
    expand: (b, [x]) => {
      const number = x as number;
      const isSmall = b.op("Less", [b.op("Abs", [number]), b.scalar(2 ** 23)]);
      const small = b.op("Select", [isSmall, number, b.scalar(0)]);
      const cut = b.op("Cast", [b.op("Cast", [small], { dtype: "int32" })], { dtype: "float32" });
      const floor = b.op("Sub", [cut, b.op("Less", [small, cut])]);
      return b.op("Select", [isSmall, floor, number]);
    },
  },
  {
    name: "Cast",
    infer: (inputs, attributes) => ({
      shape: inputs[0]?.shape ?? [],
      dtype: attributes.dtype === "int32" ? "int32" : "float32",
    }),
  },
  {
    name: "Select",
    infer: (inputs) => {
      const [condition, a, b] = inputs as readonly [Tensor, Tensor, Tensor];
      const values = broadcastShape(a.shape, b.shape, "Select");
      return { shape: broadcastShape(condition.shape, values, "Select") };
    },
  },
  { name: "Fill", infer: fromAttribute("shape") },
];
