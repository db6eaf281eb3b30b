/** Ops that only move elements: each is one strided copy, or one per input. */
import {
  listAttribute,
  numberAttribute,
  shapeOfInput,
  shapeOfOutput,
  sizeOf,
  stridesOf,
} from "@hone/core/backend";
import { input, type Kernel, type KernelFactory, type KernelTable, output } from "./kernel.js";
import { RowWalk } from "./row-walk.js";

type Elements = ReturnType<typeof input>;

/** Copies x to y, the walk's operands 1 and 0. */
function copyKernel(y: Elements, x: Elements, walk: RowWalk): Kernel {
  const { rows, length, offsets } = walk;
  const [strideY, strideX] = walk.strides as [number, number];
  return () => {
    walk.start();
    for (let row = 0; row < rows; row++) {
      const atY = offsets[0] as number;
      const atX = offsets[1] as number;
      for (let i = 0; i < length; i++) y[atY + i * strideY] = x[atX + i * strideX] as number;
      walk.next();
    }
  };
}

/** Element distance from the origin to `index`. */
function startOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
}

const transpose: KernelFactory = (call, views) => {
  const shape = shapeOfOutput(call);
  const strides = stridesOf(shapeOfInput(call, 0));
  const permuted = listAttribute(call, "perm").map((axis) => strides[axis] as number);
  const walk = new RowWalk(shape, [stridesOf(shape), permuted]);
  return copyKernel(output(call, views), input(call, views, 0), walk);
};

const slice: KernelFactory = (call, views) => {
  const shape = shapeOfOutput(call);
  const strides = stridesOf(shapeOfInput(call, 0));
  const begin = startOf(listAttribute(call, "begin"), strides);
  const walk = new RowWalk(shape, [stridesOf(shape), strides], [0, begin]);
  return copyKernel(output(call, views), input(call, views, 0), walk);
};

const pad: KernelFactory = (call, views) => {
  const shape = shapeOfInput(call, 0);
  const strides = stridesOf(shapeOfOutput(call));
  const before = listAttribute(call, "paddings").filter((_, index) => index % 2 === 0);
  const walk = new RowWalk(shape, [strides, stridesOf(shape)], [startOf(before, strides), 0]);
  const y = output(call, views);
  const value = numberAttribute(call, "constantValue");
  const copy = copyKernel(y, input(call, views, 0), walk);
  return (step) => {
    y.fill(value);
    copy(step);
  };
};

/** Output axis i is seen as [reps i, extent i], of which the first stands still in x. */
const tile: KernelFactory = (call, views) => {
  const shape = shapeOfInput(call, 0);
  const reps = listAttribute(call, "reps");
  const extents = shape.flatMap((extent, axis) => [reps[axis] as number, extent]);
  const strides = stridesOf(shape).flatMap((stride) => [0, stride]);
  const walk = new RowWalk(extents, [stridesOf(extents), strides]);
  return copyKernel(output(call, views), input(call, views, 0), walk);
};

const concat: KernelFactory = (call, views) => {
  const axis = numberAttribute(call, "axis");
  const strides = stridesOf(shapeOfOutput(call));
  const copies: Kernel[] = [];
  let begin = 0;
  for (const [index, { shape }] of call.inputs.entries()) {
    const start = begin * (strides[axis] as number);
    const walk = new RowWalk(shape, [strides, stridesOf(shape)], [start, 0]);
    if (sizeOf(shape) > 0) {
      copies.push(copyKernel(output(call, views), input(call, views, index), walk));
    }
    begin += shape[axis] as number;
  }
  return (step) => {
    for (let index = 0; index < copies.length; index++) copies[index]?.(step);
  };
};

export const shapeKernels: KernelTable = {
  Transpose: transpose,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  Concat: concat,
};
