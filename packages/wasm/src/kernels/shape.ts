/** Ops that only move elements: each is a strided copy or two. */
import {
  bytesPerElement,
  type Call,
  inputOperand,
  listAttribute,
  numberAttribute,
  outputOperand,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  stridesOf,
} from "@hone/core/kernels";
import { axisRecords, foldAxes, rowUnits } from "./axes.js";
import { fillTensor } from "./fill.js";
import {
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  output,
  type Reference,
  table,
} from "./lowering.js";

/** Where elements lie. */
export interface Side {
  readonly operand: Reference;
  /** By axis, in elements. */
  readonly strides: readonly number[];
  /** Elements before the first one that is copied. */
  readonly start?: number;
}

function startOf({ operand, start = 0 }: Side): Reference {
  if (operand.kind !== "operand" || start === 0) return operand;
  const { block, byteOffset, shape, dtype } = operand.operand;
  const begin = byteOffset + start * bytesPerElement(dtype, 32);
  const rest = [sizeOf(shape) - start];
  return { kind: "operand", operand: { block, byteOffset: begin, shape: rest, dtype } };
}

/** Elements along any axes, from one place to another. */
export function copy(extents: readonly number[], from: Side, to: Side): KernelCall[] {
  if (sizeOf(extents) === 0) return [];
  const axes = foldAxes(extents, [from.strides, to.strides], 2);
  const list = table(axisRecords(axes, 2));
  return [
    invoke("base/copyStrided", rowUnits(axes), startOf(from), startOf(to), list, axes.length),
  ];
}

const distanceTo = (index: readonly number[], strides: readonly number[]) =>
  index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);

export function sidesOf(call: Call): { from: Side; to: Side } {
  return {
    from: side(call, 0),
    to: { operand: output(call), strides: stridesOf(shapeOfOutput(call)) },
  };
}

function side(call: Call, index: number): Side {
  const operand = inputOperand(call, index);
  return { operand: { kind: "operand", operand }, strides: stridesOf(operand.shape) };
}

const slice: Lowering = (call) => {
  const { from, to } = sidesOf(call);
  const start = distanceTo(listAttribute(call, "begin"), from.strides);
  return copy(shapeOfOutput(call), { ...from, start }, to);
};

const pad: Lowering = (call) => {
  const { from, to } = sidesOf(call);
  const before = listAttribute(call, "paddings").filter((_, index) => index % 2 === 0);
  return [
    fillTensor(to.operand, outputOperand(call), numberAttribute(call, "constantValue")),
    ...copy(shapeOfInput(call, 0), from, { ...to, start: distanceTo(before, to.strides) }),
  ];
};

/** Output axis i is seen as [reps i, extent i], of which the first stands still in x. */
const tile: Lowering = (call) => {
  const { from, to } = sidesOf(call);
  const shape = shapeOfInput(call, 0);
  const reps = listAttribute(call, "reps");
  const extents = shape.flatMap((extent, axis) => [reps[axis] as number, extent]);
  const strides = from.strides.flatMap((stride) => [0, stride]);
  return copy(extents, { ...from, strides }, { ...to, strides: stridesOf(extents) });
};

const concat: Lowering = (call) => {
  const { to } = sidesOf(call);
  const axis = numberAttribute(call, "axis");
  const stride = to.strides[axis] as number;
  let begin = 0;
  return call.inputs.flatMap(({ shape }, index) => {
    const calls = copy(shape, side(call, index), { ...to, start: begin * stride });
    begin += shape[axis] as number;
    return calls;
  });
};

export const shapeLowerings: LoweringTable = {
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  Concat: concat,
};
