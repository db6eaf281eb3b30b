/** Losses, metrics, schedules and what else only training and judging need. */
import {
  type Call,
  inputOperand,
  invariant,
  numberAttribute,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
} from "@hone/core/kernels";
import {
  blocksOf,
  float,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  matrixOf,
  output,
  Workspace,
} from "./lowering.js";

function labelsKind(call: Call): "sparse" | "one-hot" {
  const { kind } = call.attributes;
  invariant(
    kind === "sparse" || kind === "one-hot",
    call.op,
    `kind "${kind}" of labels is unknown`,
  );
  return kind;
}

/** A row of logits is a unit. */
function byKind(sparse: string, oneHot: string): Lowering {
  return (call) => {
    const { rows, columns } = matrixOf(shapeOfInput(call, 0));
    const inputs = call.inputs.map((_, index) => input(call, index));
    const kernel = labelsKind(call) === "sparse" ? sparse : oneHot;
    return [invoke(kernel, rows, ...inputs, output(call), columns)];
  };
}

const countCorrect: Lowering = (call) => {
  const operands = [input(call, 0), input(call, 1), output(call)];
  const { rows, columns } = matrixOf(shapeOfInput(call, 0));
  const kernel = labelsKind(call) === "sparse" ? "training/countSparse" : "training/countOneHot";
  return [invoke(kernel, 1, ...operands, rows, columns)];
};

const recordStep: Lowering = (call) => {
  const [length, width] = shapeOfInput(call, 0) as readonly [number, number];
  let first = 0;
  const calls: KernelCall[] = [];
  for (let index = 1; index < call.inputs.length; index++) {
    const { shape, dtype } = inputOperand(call, index);
    const count = sizeOf(shape);
    const isInteger = Number(dtype === "int32");
    const place = [length, width, first, count, isInteger];
    calls.push(invoke("training/recordStep", 1, input(call, 0), input(call, index), ...place));
    first += count;
  }
  invariant(first <= width, call.op, `${first} values do not fit in a row of ${width}`);
  return calls;
};

const readSchedule: Lowering = (call) => {
  const [capacity, columns] = shapeOfInput(call, 0) as readonly [number, number];
  return [
    invoke(
      "training/readSchedule",
      1,
      input(call, 0),
      capacity,
      columns,
      input(call, 1),
      output(call),
    ),
  ];
};

/** Elements whose squares make one partial sum: NORM_CHUNK of assembly/learning.ts. */
const NORM_CHUNK = 8192;

const globalNorm: Lowering = (call) => {
  const size = sizeOf(shapeOfInput(call, 0));
  const chunks = Math.ceil(size / NORM_CHUNK);
  const partials = new Workspace("shared").take(8 * chunks);
  return [
    invoke("training/sumOfSquares", chunks, input(call, 0), partials, size),
    invoke("training/globalNorm", 1, partials, output(call), chunks),
  ];
};

const assignMovingAverage: Lowering = (call) => {
  const decay = numberAttribute(call, "decay");
  const size = sizeOf(shapeOfInput(call, 0));
  const operands = [input(call, 0), input(call, 1)];
  const weights = [float(decay), float(1 - decay)];
  return [invoke("training/assignMovingAverage", blocksOf(size), ...operands, size, ...weights)];
};

const multiplyByStep: Lowering = (call) => {
  const operands = [input(call, 0), input(call, 1), output(call)];
  const size = sizeOf(shapeOfOutput(call));
  const alpha = float(numberAttribute(call, "alpha"));
  const scale = float((call.attributes.scale ?? 1) as number);
  return [invoke("training/multiplyByStep", blocksOf(size), ...operands, size, alpha, scale)];
};

export const learningLowerings: LoweringTable = {
  SoftmaxCrossEntropy: byKind("training/crossEntropySparse", "training/crossEntropyOneHot"),
  SoftmaxCrossEntropyGrad: byKind(
    "training/crossEntropyGradSparse",
    "training/crossEntropyGradOneHot",
  ),
  CountCorrect: countCorrect,
  RecordStep: recordStep,
  MultiplyByStep: multiplyByStep,
  GlobalNorm: globalNorm,
  ReadSchedule: readSchedule,
  AssignMovingAverage: assignMovingAverage,
};
