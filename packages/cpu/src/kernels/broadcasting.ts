/**
 * Ops of two or three tensors, element by element, with numpy broadcasting.
 *
 * As in elementwise.ts an op is a loop over pieces of doubles; broadcasting happens while the pieces
 * are filled.
 */
import { broadcastStrides, shapeOfInput, shapeOfOutput, stridesOf } from "@hone/core/backend";
import { floatInput, floatOutput, input, type KernelFactory, type KernelTable } from "./kernel.js";
import { RowWalk } from "./row-walk.js";

/** Replaces the first `n` elements of a by the result for a and b. */
type Loop = (a: Float64Array, b: Float64Array, n: number) => void;

const PIECE = 1024;
/** All calls', since one computes at a time. */
const pieceA = new Float64Array(PIECE);
const pieceB = new Float64Array(PIECE);

export const binaryLoops: Readonly<Record<string, Loop>> = {
  Add: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) + (b[i] as number);
  },
  Sub: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) - (b[i] as number);
  },
  Multiply: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) * (b[i] as number);
  },
  RealDiv: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) / (b[i] as number);
  },
  Maximum: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = Math.max(a[i] as number, b[i] as number);
  },
  Minimum: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = Math.min(a[i] as number, b[i] as number);
  },
  // JavaScript has NaN ** 0 = 1; here a NaN in gives a NaN out.
  Pow: (a, b, n) => {
    for (let i = 0; i < n; i++) {
      const base = a[i] as number;
      a[i] = Number.isNaN(base) ? base : base ** (b[i] as number);
    }
  },
  SquaredDifference: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = ((a[i] as number) - (b[i] as number)) ** 2;
  },
  Equal: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = a[i] === b[i] ? 1 : 0;
  },
  NotEqual: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = a[i] !== b[i] ? 1 : 0;
  },
  Greater: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) > (b[i] as number) ? 1 : 0;
  },
  GreaterEqual: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) >= (b[i] as number) ? 1 : 0;
  },
  Less: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) < (b[i] as number) ? 1 : 0;
  },
  LessEqual: (a, b, n) => {
    for (let i = 0; i < n; i++) a[i] = (a[i] as number) <= (b[i] as number) ? 1 : 0;
  },
  EluGrad: (dy, y, n) => {
    for (let i = 0; i < n; i++) {
      const value = y[i] as number;
      if (!(value >= 0)) dy[i] = (dy[i] as number) * (value + 1);
    }
  },
};

function binaryKernel(loop: Loop): KernelFactory {
  return (call, views) => {
    const a = input(call, views, 0);
    const b = input(call, views, 1);
    const y = floatOutput(call, views);
    const shape = shapeOfOutput(call);
    const walk = new RowWalk(shape, [
      stridesOf(shape),
      broadcastStrides(shapeOfInput(call, 0), shape),
      broadcastStrides(shapeOfInput(call, 1), shape),
    ]);
    const { rows, length, offsets } = walk;
    const [, strideA, strideB] = walk.strides as [number, number, number];
    return () => {
      walk.start();
      for (let row = 0; row < rows; row++) {
        const startY = offsets[0] as number;
        const startA = offsets[1] as number;
        const startB = offsets[2] as number;
        for (let start = 0; start < length; start += PIECE) {
          const n = Math.min(PIECE, length - start);
          for (let i = 0; i < n; i++) pieceA[i] = a[startA + (start + i) * strideA] as number;
          for (let i = 0; i < n; i++) pieceB[i] = b[startB + (start + i) * strideB] as number;
          loop(pieceA, pieceB, n);
          for (let i = 0; i < n; i++) y[startY + start + i] = pieceA[i] as number;
        }
        walk.next();
      }
    };
  };
}

const select: KernelFactory = (call, views) => {
  const condition = input(call, views, 0);
  const a = floatInput(call, views, 1);
  const b = floatInput(call, views, 2);
  const y = floatOutput(call, views);
  const shape = shapeOfOutput(call);
  const read = (index: number) => broadcastStrides(shapeOfInput(call, index), shape);
  const walk = new RowWalk(shape, [stridesOf(shape), read(0), read(1), read(2)]);
  const { rows, length, offsets } = walk;
  const [, strideCondition, strideA, strideB] = walk.strides as [number, number, number, number];
  return () => {
    walk.start();
    for (let row = 0; row < rows; row++) {
      const start = offsets[0] as number;
      const atCondition = offsets[1] as number;
      const atA = offsets[2] as number;
      const atB = offsets[3] as number;
      for (let i = 0; i < length; i++) {
        y[start + i] = (
          condition[atCondition + i * strideCondition] !== 0
            ? a[atA + i * strideA]
            : b[atB + i * strideB]
        ) as number;
      }
      walk.next();
    }
  };
};

export const broadcastingKernels: KernelTable = {
  ...Object.fromEntries(Object.entries(binaryLoops).map(([op, loop]) => [op, binaryKernel(loop)])),
  Select: select,
};
