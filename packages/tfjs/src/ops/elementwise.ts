/** Functions of one or several elements. */
import { type Call, numberAttribute, type Shape, shapeOfOutput, sizeOf } from "@hone/core/backend";
import type { StockName, Tensor } from "../stock/stock.js";
import { type CallRun, flat, reshaped, type StockOp } from "./stock-op.js";

/** A kernel of the op's own name and inputs, with the call's attributes. */
function same(op: string, names: readonly string[], attributes: readonly string[] = []): StockOp {
  return {
    op,
    kernels: [op],
    lower: (call) => {
      const attrs = Object.fromEntries(
        attributes.map((name) => [name, numberAttribute(call, name)]),
      );
      return (run) =>
        run.kernel(
          op,
          Object.fromEntries(names.map((name, index) => [name, run.input(index)])),
          attrs,
        );
    },
  };
}

const UNARY = [
  "Identity",
  "Abs",
  "Neg",
  "Sqrt",
  "Rsqrt",
  "Square",
  "Reciprocal",
  "Exp",
  "Log",
  "Tanh",
  "Erf",
  "Relu",
];
const BINARY = [
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "Pow",
  "SquaredDifference",
  "Equal",
  "NotEqual",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
];

/** A tensor repeated along the axes where `shape` is longer. Select alone does not broadcast by itself. */
function broadcast(run: CallRun, tensor: Tensor, shape: Shape): Tensor {
  if (sizeOf(tensor.shape) === sizeOf(shape)) return reshaped(tensor, shape);
  const aligned = shape.map(
    (_, axis) => tensor.shape[axis - shape.length + tensor.shape.length] ?? 1,
  );
  const reps = shape.map((extent, axis) => extent / (aligned[axis] as number));
  return run.kernel("Tile", { x: reshaped(tensor, aligned) }, { reps });
}

const select: StockOp = {
  op: "Select",
  kernels: ["Select", "NotEqual", "Tile"],
  lower: (call) => {
    const shape = shapeOfOutput(call);
    return (run) => {
      const condition = run.kernel("NotEqual", { a: run.input(0), b: run.scalar(0) });
      const operand = (tensor: Tensor) => flat(broadcast(run, tensor, shape));
      return run.kernel("Select", {
        condition: operand(condition),
        t: operand(run.input(1)),
        e: operand(run.input(2)),
      });
    };
  },
};

/** The stock kernels say 0 of NaN, and that of wasm says 0 of small numbers too. */
const sign: StockOp = {
  op: "Sign",
  kernels: ["Greater", "Less", "Sub", "IsNan", "Select"],
  lower: () => (run) => {
    const x = run.input(0);
    const [above, below] = ["Greater", "Less"].map((kernel) => {
      const is = run.kernel(kernel, { a: x, b: run.scalar(0) });
      return run.kernel("Cast", { x: is }, { dtype: "float32" });
    }) as [Tensor, Tensor];
    const signs = run.kernel("Sub", { a: above, b: below });
    const condition = flat(run.kernel("IsNan", { x }));
    return run.kernel("Select", { condition, t: flat(x), e: flat(signs) });
  },
};

/** Clamps give a number where an input is NaN, and so does a choice between branches on some GPUs. */
function keepingNaN(row: StockOp, ...backends: readonly StockName[]): StockOp {
  const kernels = [...row.kernels, "IsNan", "LogicalOr", "Select"];
  const lower: StockOp["lower"] = (call) => {
    const compute = row.lower(call);
    const size = sizeOf(shapeOfOutput(call));
    return (run) => {
      const holdsNaN = call.inputs
        .map((_, index) => run.kernel("IsNan", { x: run.input(index) }))
        .reduce((a, b) => run.kernel("LogicalOr", { a, b }));
      return run.kernel("Select", {
        condition: flat(holdsNaN),
        t: run.constant("NaN", () => ({
          values: new Float32Array(size).fill(Number.NaN),
          shape: [size],
        })),
        e: flat(compute(run) as Tensor),
      });
    };
  };
  const composition = { kernels, lower, cornersOnly: true };
  return { ...row, on: Object.fromEntries(backends.map((name) => [name, composition])) };
}

const fill: StockOp = {
  op: "Fill",
  kernels: ["Fill"],
  lower: (call: Call) => {
    const value = numberAttribute(call, "value");
    const shape = [...shapeOfOutput(call)];
    return (run) => run.kernel("Fill", {}, { shape, value, dtype: "float32" });
  },
};

/** Every result is cast to its operand's type, so that nothing is left to do. */
const cast: StockOp = {
  op: "Cast",
  kernels: ["Cast"],
  lower: (call) => {
    const dtype = call.outputs[0]?.dtype;
    return (run) => run.kernel("Cast", { x: run.input(0) }, { dtype });
  },
};

export const elementwiseOps: readonly StockOp[] = [
  ...UNARY.map((op) => same(op, ["x"])),
  same("LeakyRelu", ["x"], ["alpha"]),
  same("Step", ["x"], ["alpha"]),
  keepingNaN(same("Relu6", ["x"]), "wasm", "webgpu"),
  ...["Sigmoid", "Softplus", "Elu", "Selu"].map((op) => keepingNaN(same(op, ["x"]), "webgpu")),
  keepingNaN(same("ClipByValue", ["x"], ["clipValueMin", "clipValueMax"]), "wasm"),
  ...["Maximum", "Minimum"].map((op) => keepingNaN(same(op, ["a", "b"]), "wasm")),
  sign,
  ...BINARY.map((op) => same(op, ["a", "b"])),
  same("EluGrad", ["dy", "y"]),
  select,
  fill,
  cast,
];
