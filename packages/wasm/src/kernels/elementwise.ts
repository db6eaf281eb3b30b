/** Ops of one, two or three tensors, element by element. */
import {
  broadcastStrides,
  type Call,
  inputOperand,
  numberAttribute,
  outputOperand,
  shapeOfOutput,
  sizeOf,
} from "@hone/core/backend";
import { axisRecords, foldAxes, outerCount } from "./axes.js";
import {
  input,
  invoke,
  type Lowering,
  type LoweringTable,
  output,
  type Reference,
  table,
} from "./lowering.js";

/** Each op is the exported function `unary<op>`; the attributes become its last arguments. */
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
  "Add",
  "Sub",
  "Multiply",
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
    const values = attributes.map((name) => numberAttribute(call, name));
    const size = sizeOf(shapeOfOutput(call));
    return [invoke(`unary${op}`, input(call, 0), output(call), size, ...values)];
  };
}

/** How the kernels in assembly/binary.ts walk the inputs: the record `Rows`, then the outer axes. */
function rowsOf(call: Call): Reference {
  const shape = shapeOfOutput(call);
  const strides = call.inputs.map((operand) => broadcastStrides(operand.shape, shape));
  const axes = foldAxes(shape, strides, 2);
  const records = axisRecords(axes, 3);
  return table([...records.slice(0, 8), outerCount(axes), axes.length - 2, ...records.slice(8)]);
}

function binary(kernel: string): Lowering {
  return (call) => [invoke(kernel, input(call, 0), input(call, 1), output(call), rowsOf(call))];
}

function comparison(op: string): Lowering {
  return (call) => {
    const suffix = inputOperand(call, 0).dtype === "int32" ? "Int" : "";
    return binary(`binary${op}${suffix}`)(call);
  };
}

const select: Lowering = (call) => [
  invoke("select", input(call, 0), input(call, 1), input(call, 2), output(call), rowsOf(call)),
];

const cast: Lowering = (call) => {
  const from = inputOperand(call, 0).dtype;
  const to = outputOperand(call).dtype;
  if (from === to) return copy(call);
  const kernel = to === "int32" ? "castToInt" : "castToFloat";
  return [invoke(kernel, input(call, 0), output(call), sizeOf(shapeOfOutput(call)))];
};

const copy: Lowering = (call) => [
  invoke("copyBytes", input(call, 0), output(call), 4 * sizeOf(shapeOfOutput(call))),
];

/** The bits of a number as an element of four bytes. */
export function bitsOf(value: number, dtype: string): number {
  if (dtype === "int32") return value | 0;
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}

const fill: Lowering = (call) => {
  const { shape, dtype } = outputOperand(call);
  return [
    invoke("fill", output(call), sizeOf(shape), bitsOf(numberAttribute(call, "value"), dtype)),
  ];
};

/** Made by fusion.ts. */
const multiplyByStep: Lowering = (call) => {
  const operands = [input(call, 0), input(call, 1), output(call)];
  const alpha = numberAttribute(call, "alpha");
  return [invoke("multiplyByStep", ...operands, sizeOf(shapeOfOutput(call)), alpha)];
};

export const fusedElementwiseLowerings: LoweringTable = { MultiplyByStep: multiplyByStep };

export const elementwiseLowerings: LoweringTable = {
  Identity: copy,
  Cast: cast,
  Fill: fill,
  Select: select,
  ...Object.fromEntries(Object.entries(unaryOps).map(([op, names]) => [op, unary(op, names)])),
  ...Object.fromEntries(arithmeticOps.map((op) => [op, binary(`binary${op}`)])),
  ...Object.fromEntries(comparisonOps.map((op) => [op, comparison(op)])),
};
