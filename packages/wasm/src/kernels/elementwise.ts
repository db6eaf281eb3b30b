/** Ops of one, two or three tensors, element by element. */
import {
  type Call,
  inputOperand,
  numberAttribute,
  outputOperand,
  shapeOfOutput,
  sizeOf,
} from "@hone/core/kernels";
import { binary, broadcast } from "./broadcast.js";
import { identity } from "./fill.js";
import {
  blocksOf,
  float,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  output,
} from "./lowering.js";

/** Each op is the exported function `unary<op>`; the attributes become p and q of its record. */
const unaryOps: Readonly<Record<string, readonly string[]>> = {
  Abs: [],
  Neg: [],
  Sign: [],
  Sqrt: [],
  Rsqrt: [],
  Square: [],
  Reciprocal: [],
  Exp: [],
  Log: [],
  Tanh: [],
  Sigmoid: [],
  Erf: [],
  Softplus: [],
  Relu: [],
  Relu6: [],
  Elu: [],
  Selu: [],
  LeakyRelu: ["alpha"],
  Step: ["alpha"],
  ClipByValue: ["clipValueMin", "clipValueMax"],
};

const arithmeticOps = [
  "Sub",
  "RealDiv",
  "Maximum",
  "Minimum",
  "Pow",
  "SquaredDifference",
  "EluGrad",
];

const comparisonOps = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];

function unary(op: string, attributes: readonly string[]): Lowering {
  return (call) => {
    const [p = 0, q = 0] = attributes.map((name) => numberAttribute(call, name));
    return [map(`elementwise/unary${op}`, call, p, q)];
  };
}

/** A kernel of assembly/unary.ts. */
function map(kernel: string, call: Call, p = 0, q = 0): KernelCall {
  const size = sizeOf(shapeOfOutput(call));
  const operands = [input(call, 0), output(call)];
  return invoke(kernel, blocksOf(size), ...operands, size, float(p), float(q));
}

function comparison(op: string): Lowering {
  return (call) => {
    const suffix = inputOperand(call, 0).dtype === "int32" ? "Int" : "";
    return [broadcast(`elementwise/binary${op}${suffix}`, call)];
  };
}

const cast: Lowering = (call, shared) => {
  const from = inputOperand(call, 0).dtype;
  const to = outputOperand(call).dtype;
  if (from === to) return identity(call, shared);
  return [map(to === "int32" ? "elementwise/castToInt" : "elementwise/castToFloat", call)];
};

export const lowerings: LoweringTable = {
  Cast: cast,
  Select: binary("elementwise/select"),
  ...Object.fromEntries(Object.entries(unaryOps).map(([op, names]) => [op, unary(op, names)])),
  ...Object.fromEntries(arithmeticOps.map((op) => [op, binary(`elementwise/binary${op}`)])),
  ...Object.fromEntries(comparisonOps.map((op) => [op, comparison(op)])),
};

export { lowerings as base } from "./base.js";
