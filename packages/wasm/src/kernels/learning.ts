/** Losses, metrics, schedules and what else only training and judging need. */
import {
  type Call,
  firstBlockOf,
  inputOperand,
  invariant,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  sizeOf,
} from "@hone/core/backend";
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
  const kernel = labelsKind(call) === "sparse" ? "countSparse" : "countOneHot";
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
    calls.push(invoke("recordStep", 1, input(call, 0), input(call, index), ...place));
    first += count;
  }
  invariant(first <= width, call.op, `${first} values do not fit in a row of ${width}`);
  return calls;
};

const readSchedule: Lowering = (call) => {
  const [capacity, columns] = shapeOfInput(call, 0) as readonly [number, number];
  return [
    invoke("readSchedule", 1, input(call, 0), capacity, columns, input(call, 1), output(call)),
  ];
};

/** Elements whose squares make one partial sum: NORM_CHUNK of assembly/learning.ts. */
const NORM_CHUNK = 8192;

const globalNorm: Lowering = (call) => {
  const size = sizeOf(shapeOfInput(call, 0));
  const chunks = Math.ceil(size / NORM_CHUNK);
  const partials = new Workspace("shared").take(8 * chunks);
  return [
    invoke("sumOfSquares", chunks, input(call, 0), partials, size),
    invoke("globalNorm", 1, partials, output(call), chunks),
  ];
};

const assignMovingAverage: Lowering = (call) => {
  const decay = numberAttribute(call, "decay");
  const size = sizeOf(shapeOfInput(call, 0));
  const operands = [input(call, 0), input(call, 1)];
  const weights = [float(decay), float(1 - decay)];
  return [invoke("assignMovingAverage", blocksOf(size), ...operands, size, ...weights)];
};

/** The 24 random bits below which an element is dropped are `rate` of all there are. */
const dropout: Lowering = (call) => {
  const rate = numberAttribute(call, "rate");
  const size = sizeOf(shapeOfInput(call, 0));
  return [
    invoke(
      "dropout",
      blocksOf(size),
      input(call, 0),
      input(call, 1),
      output(call),
      size,
      numberAttribute(call, "ordinal"),
      Math.ceil(rate * 2 ** 24),
      float(1 / (1 - rate)),
      firstBlockOf(call),
    ),
  ];
};

const random: Lowering = (call) => {
  const { distribution } = call.attributes;
  const kernel = distribution === "normal" ? "randomNormal" : "randomUniform";
  const size = sizeOf(outputOperand(call).shape);
  const ordinal = numberAttribute(call, "ordinal");
  const first = firstBlockOf(call);
  return [invoke(kernel, blocksOf(size), input(call, 0), output(call), size, ordinal, first)];
};

const augmentImages: Lowering = (call) => {
  const [batch, height, width, channels = 1] = shapeOfInput(call, 0) as [number, number, number];
  return [
    invoke(
      "augmentImages",
      batch,
      input(call, 0),
      input(call, 1),
      output(call),
      height,
      width,
      channels,
      numberAttribute(call, "shift"),
      Number(call.attributes.flip === true),
      numberAttribute(call, "ordinal"),
    ),
  ];
};

export const learningLowerings: LoweringTable = {
  SoftmaxCrossEntropy: byKind("crossEntropySparse", "crossEntropyOneHot"),
  SoftmaxCrossEntropyGrad: byKind("crossEntropyGradSparse", "crossEntropyGradOneHot"),
  CountCorrect: countCorrect,
  RecordStep: recordStep,
  Dropout: dropout,
  Random: random,
  AugmentImages: augmentImages,
  GlobalNorm: globalNorm,
  ReadSchedule: readSchedule,
  AssignMovingAverage: assignMovingAverage,
};
