/** Ops of one, two or three tensors, element by element. */
import {
  broadcastStrides,
  type Call,
  inputOperand,
  numberAttribute,
  type Operand,
  outputOperand,
  shapeOfOutput,
  sizeOf,
} from "@hone/core/backend";
import { axisRecords, foldAxes, rowUnits } from "./axes.js";
import {
  blocksOf,
  float,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  output,
  type Reference,
  table,
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
    const [p = 0, q = 0] = attributes.map((name) => numberAttribute(call, name));
    return [map(`unary${op}`, call, p, q)];
  };
}

/** A kernel of assembly/unary.ts. */
function map(kernel: string, call: Call, p = 0, q = 0): KernelCall {
  const size = sizeOf(shapeOfOutput(call));
  const operands = [input(call, 0), output(call)];
  return invoke(kernel, blocksOf(size), ...operands, size, float(p), float(q));
}

/** A kernel of assembly/binary.ts; its table is the record `Rows` there, then the outer axes. */
function broadcast(kernel: string, call: Call): KernelCall {
  const shape = shapeOfOutput(call);
  const strides = call.inputs.map((operand) => broadcastStrides(operand.shape, shape));
  const axes = foldAxes(shape, strides, 2);
  const records = axisRecords(axes, 3);
  const rows = table([...records.slice(0, 8), axes.length - 2, ...records.slice(8)]);
  const inputs = call.inputs.map((_, index) => input(call, index));
  return invoke(kernel, rowUnits(axes), ...inputs, output(call), rows);
}

function binary(kernel: string): Lowering {
  return (call) => [broadcast(kernel, call)];
}

function comparison(op: string): Lowering {
  return (call) => {
    const suffix = inputOperand(call, 0).dtype === "int32" ? "Int" : "";
    return binary(`binary${op}${suffix}`)(call);
  };
}

const cast: Lowering = (call) => {
  const from = inputOperand(call, 0).dtype;
  const to = outputOperand(call).dtype;
  if (from === to) return copy(call);
  return [map(to === "int32" ? "castToInt" : "castToFloat", call)];
};

const copy: Lowering = (call) => {
  const size = sizeOf(shapeOfOutput(call));
  return [invoke("copyBlocks", blocksOf(size), input(call, 0), output(call), size)];
};

/** The bits of a float32. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}

/** Sets every element of a tensor to one value. */
export function fillTensor(to: Reference, { shape, dtype }: Operand, value: number): KernelCall {
  const size = sizeOf(shape);
  const bits = dtype === "int32" ? value | 0 : floatBits(value);
  return invoke("fill", blocksOf(size), to, size, bits);
}

const fill: Lowering = (call) => [
  fillTensor(output(call), outputOperand(call), numberAttribute(call, "value")),
];

const multiplyByStep: Lowering = (call) => {
  const operands = [input(call, 0), input(call, 1), output(call)];
  const size = sizeOf(shapeOfOutput(call));
  const alpha = float(numberAttribute(call, "alpha"));
  const scale = float((call.attributes.scale ?? 1) as number);
  return [invoke("multiplyByStep", blocksOf(size), ...operands, size, alpha, scale)];
};

export const elementwiseLowerings: LoweringTable = {
  Identity: copy,
  Cast: cast,
  Fill: fill,
  Select: binary("select"),
  MultiplyByStep: multiplyByStep,
  ...Object.fromEntries(Object.entries(unaryOps).map(([op, names]) => [op, unary(op, names)])),
  ...Object.fromEntries(arithmeticOps.map((op) => [op, binary(`binary${op}`)])),
  ...Object.fromEntries(comparisonOps.map((op) => [op, comparison(op)])),
};
