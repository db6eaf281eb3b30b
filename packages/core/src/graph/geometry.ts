/** Index arithmetic that shape rules and every adapter need alike. Pure functions on shapes. */
import { HoneError } from "../errors.js";
import type { Shape } from "./types.js";

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Elements between neighbours along each axis of a dense row-major tensor. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** The shape numpy broadcasting gives. @throws ShapeMismatch when it gives none. */
export function broadcastShape(a: Shape, b: Shape, where = "broadcast"): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `shapes [${a}] and [${b}] cannot be broadcast together.`,
      );
    }
    return left === 1 ? right : left;
  });
}

/** Strides for reading `shape` as if it had the shape `output`: 0 along broadcast axes. */
export function broadcastStrides(shape: Shape, output: Shape): number[] {
  const own = stridesOf(shape);
  const missing = output.length - shape.length;
  return output.map((_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : (own[axis - missing] as number),
  );
}

/** A contiguous reduction as three nested loops: `outer` results rows, `reduce` terms, `inner` columns. */
export function reductionExtents(
  shape: Shape,
  axes: readonly number[],
): { outer: number; reduce: number; inner: number } {
  const first = axes[0] ?? shape.length;
  const end = first + axes.length;
  return {
    outer: sizeOf(shape.slice(0, first)),
    reduce: sizeOf(shape.slice(first, end)),
    inner: sizeOf(shape.slice(end)),
  };
}

/** Every extent of a convolution or pool in one flat record. Padding below and right is implied. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/**
 * Geometry of a convolution (`filter` [kh,kw,Ci,Co]) or, with `filter` [kh,kw], of a pool.
 * @param input [B,H,W,C] @param output [B,Ho,Wo,Co]
 */
export function windowGeometry(
  input: Shape,
  output: Shape,
  filter: Shape,
  attributes: Readonly<Record<string, unknown>>,
): WindowGeometry {
  const [batch, inputHeight, inputWidth, inputChannels] = input as [number, number, number, number];
  const [, outputHeight, outputWidth, outputChannels] = output as [number, number, number, number];
  const [filterHeight, filterWidth] = filter as [number, number];
  const [strideHeight, strideWidth] = attributes.strides as [number, number];
  const [dilationHeight, dilationWidth] = (attributes.dilations ?? [1, 1]) as [number, number];
  const [padTop, , padLeft] = attributes.padding as [number, number, number, number];
  return {
    batch,
    inputHeight,
    inputWidth,
    inputChannels,
    outputHeight,
    outputWidth,
    outputChannels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padTop,
    padLeft,
  };
}

/** Output extent of a window that slides over `input` cells with `before + after` cells of padding. */
export function windowOutput(
  input: number,
  filter: number,
  stride: number,
  dilation: number,
  padding: number,
): number {
  return Math.floor((input + padding - (filter - 1) * dilation - 1) / stride) + 1;
}

/** Padding cells [before, after] that `same` padding means in TensorFlow. */
export function samePadding(
  input: number,
  filter: number,
  stride: number,
  dilation: number,
): [number, number] {
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + (filter - 1) * dilation + 1 - input);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
