/** Losses, metrics, optimizers and what else only training needs. */
import {
  type Call,
  inputOperand,
  invariant,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  sizeOf,
} from "@hone/core/backend";
import {
  type Argument,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  matrixOf,
  optionalInput,
  output,
} from "./lowering.js";

/** By the call's kind of labels: the function, and its operands before rows and columns. */
function byKind(sparse: string, oneHot: string): Lowering {
  return (call) => {
    const { kind } = call.attributes;
    invariant(
      kind === "sparse" || kind === "one-hot",
      call.op,
      `kind "${kind}" of labels is unknown`,
    );
    const { rows, columns } = matrixOf(shapeOfInput(call, 0));
    const inputs = call.inputs.map((_, index) => input(call, index));
    return [invoke(kind === "sparse" ? sparse : oneHot, ...inputs, output(call), rows, columns)];
  };
}

const countRows = byKind("countSparse", "countOneHot");

const countCorrect: Lowering = (call) => {
  if (call.attributes.kind !== "binary") return countRows(call);
  const { dtype } = inputOperand(call, 1);
  const size = sizeOf(shapeOfInput(call, 0));
  const operands = [input(call, 0), input(call, 1), output(call)];
  return [invoke("countBinary", ...operands, size, Number(dtype === "int32"))];
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
    calls.push(invoke("recordStep", input(call, 0), input(call, index), ...place));
    first += count;
  }
  invariant(first <= width, call.op, `${first} values do not fit in a row of ${width}`);
  return calls;
};

/** Reads the step's row of the schedule and the norm: what every optimizer starts with. */
function beginUpdate(call: Call, index: number): KernelCall {
  const clipNorm = (call.attributes.clipNorm ?? 0) as number;
  const rows = Math.floor(sizeOf(shapeOfInput(call, index)) / 3);
  const norm = clipNorm > 0 ? optionalInput(call, index + 2) : 0;
  return invoke("beginUpdate", input(call, index), rows, input(call, index + 1), norm, clipNorm);
}

function flat(call: Call, operands: number): Argument[] {
  const inputs = Array.from({ length: operands }, (_, index) => input(call, index));
  return [...inputs, sizeOf(shapeOfInput(call, 0))];
}

const applySgd: Lowering = (call) => [beginUpdate(call, 2), invoke("applySgd", ...flat(call, 2))];

const applyMomentum: Lowering = (call) => {
  const momentum = numberAttribute(call, "momentum");
  const useNesterov = Number(call.attributes.useNesterov === true);
  return [beginUpdate(call, 3), invoke("applyMomentum", ...flat(call, 3), momentum, useNesterov)];
};

const applyAdam: Lowering = (call) => {
  const beta1 = numberAttribute(call, "beta1");
  const beta2 = numberAttribute(call, "beta2");
  const epsilon = numberAttribute(call, "epsilon");
  const settings = [beta1, 1 - beta1, beta2, 1 - beta2, epsilon];
  return [beginUpdate(call, 4), invoke("applyAdam", ...flat(call, 4), ...settings)];
};

const assignMovingAverage: Lowering = (call) => {
  const decay = numberAttribute(call, "decay");
  return [invoke("assignMovingAverage", ...flat(call, 2), decay, 1 - decay)];
};

/** The 24 random bits below which an element is dropped are `rate` of all there are. */
const dropout: Lowering = (call) => {
  const rate = numberAttribute(call, "rate");
  return [
    invoke(
      "dropout",
      input(call, 0),
      input(call, 1),
      output(call),
      sizeOf(shapeOfInput(call, 0)),
      numberAttribute(call, "ordinal"),
      Math.ceil(rate * 2 ** 24),
      1 / (1 - rate),
    ),
  ];
};

const columnTypes: Readonly<Record<string, number>> = { uint8: 0, int32: 1, float32: 2 };

const gatherRows: Lowering = (call) => {
  const column = inputOperand(call, 0);
  const { shape, dtype } = outputOperand(call);
  const rowLength = sizeOf(column.shape);
  const batch = shape[0] as number;
  invariant(
    batch * rowLength === sizeOf(shape),
    call.op,
    `rows of [${column.shape}] to [${shape}]`,
  );
  const ordered = call.inputs.length > 1;
  const capacity = ordered ? sizeOf(shapeOfInput(call, 1)) : 0;
  const type = columnTypes[column.dtype] as number;
  const record = Int32Array.of(batch, rowLength, numberAttribute(call, "stride"), capacity, type);
  const shared: Argument[] = [
    { kind: "operand", operand: column },
    { kind: "rows", operand: column },
    optionalInput(call, 1),
    optionalInput(call, 2),
    output(call),
    { kind: "table", values: record },
  ];
  if (dtype === "int32") return [invoke("gatherIntegers", ...shared)];
  const { scale = 1, offset = 0 } = call.attributes;
  return [invoke("gatherFloats", ...shared, scale as number, offset as number)];
};

export const learningLowerings: LoweringTable = {
  SoftmaxCrossEntropy: byKind("crossEntropySparse", "crossEntropyOneHot"),
  SoftmaxCrossEntropyGrad: byKind("crossEntropyGradSparse", "crossEntropyGradOneHot"),
  CountCorrect: countCorrect,
  RecordStep: recordStep,
  GatherRows: gatherRows,
  Dropout: dropout,
  GlobalNorm: (call) => [
    invoke("globalNorm", input(call, 0), output(call), sizeOf(shapeOfInput(call, 0))),
  ],
  ApplySgd: applySgd,
  ApplyMomentum: applyMomentum,
  ApplyAdam: applyAdam,
  AssignMovingAverage: assignMovingAverage,
};
