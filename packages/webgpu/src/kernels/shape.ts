/** Ops that move elements without changing them; a table's rows among them. */
import { type Operand, sizeOf, stridesOf } from "@hone/core/kernels";
import { axesConstants, coordinates, mergeAxes, shapeConstants, sixNumbers } from "./axes.js";
import {
  bitsOf,
  elementType,
  input,
  type Kernel,
  type Kernels,
  numberOf,
  numbersOf,
  output,
  overElements,
} from "./kernel.js";
import padV2 from "./pad-v2.wgsl";
import stridedCopy from "./strided-copy.wgsl";
import { tables } from "./table-rows.js";
import tile from "./tile.wgsl";

function copyThrough(
  x: Operand,
  result: Operand,
  strides: readonly number[],
  base: number,
): ReturnType<Kernel> {
  return overElements(sizeOf(result.shape), {
    sources: [stridedCopy, coordinates],
    constants: { ...axesConstants(mergeAxes(result.shape, [strides]), ["X"]), X_BASE: base },
    read: { x },
    write: { result },
  });
}

const transposeKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  const own = stridesOf(x.shape);
  const strides = numbersOf(call, "perm").map((axis) => own[axis] as number);
  return copyThrough(x, result, strides, 0);
};

const sliceKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  const own = stridesOf(x.shape);
  const base = numbersOf(call, "begin").reduce(
    (sum, begin, axis) => sum + begin * (own[axis] as number),
    0,
  );
  return copyThrough(x, result, own, base);
};

const padKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  const before = numbersOf(call, "paddings").filter((_, index) => index % 2 === 0);
  return overElements(sizeOf(result.shape), {
    sources: [padV2, coordinates],
    constants: {
      ...shapeConstants(result.shape),
      ...sixNumbers("X", stridesOf(x.shape), 0),
      ...sixNumbers("BEFORE", before, 0),
      ...sixNumbers("INPUT", x.shape, 1),
      VALUE_BITS: bitsOf(numberOf(call, "constantValue"), result.dtype),
    },
    prelude: [`alias Element = ${elementType(result.dtype)};`],
    read: { x },
    write: { result },
  });
};

const tileKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  return overElements(sizeOf(result.shape), {
    sources: [tile, coordinates],
    constants: {
      ...shapeConstants(result.shape),
      ...sixNumbers("X", stridesOf(x.shape), 0),
      ...sixNumbers("INPUT", x.shape, 1),
    },
    read: { x },
    write: { result },
  });
};

export const kernels: Kernels = {
  ...tables,
  Transpose: transposeKernel,
  Slice: sliceKernel,
  PadV2: padKernel,
  Tile: tileKernel,
};
