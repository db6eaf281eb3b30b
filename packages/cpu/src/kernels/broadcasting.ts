/** Ops of two or three tensors, element by element, with numpy broadcasting. */
import { broadcastStrides, stridesOf } from "@hone/core/backend";
import {
  floatInput,
  floatOutput,
  input,
  type KernelFactory,
  type KernelTable,
  shapeOfInput,
  shapeOfOutput,
} from "./kernel.js";
import { RowWalk } from "./row-walk.js";

type Binary = (a: number, b: number) => number;

const functions: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
  // JavaScript has NaN ** 0 = 1; here a NaN in gives a NaN out.
  Pow: (a, b) => (Number.isNaN(a) ? a : a ** b),
  SquaredDifference: (a, b) => (a - b) * (a - b),
  Equal: (a, b) => (a === b ? 1 : 0),
  NotEqual: (a, b) => (a !== b ? 1 : 0),
  Greater: (a, b) => (a > b ? 1 : 0),
  GreaterEqual: (a, b) => (a >= b ? 1 : 0),
  Less: (a, b) => (a < b ? 1 : 0),
  LessEqual: (a, b) => (a <= b ? 1 : 0),
  EluGrad: (dy, y) => (y >= 0 ? dy : dy * (y + 1)),
};

function binaryKernel(apply: Binary): KernelFactory {
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
        const start = offsets[0] as number;
        let atA = offsets[1] as number;
        let atB = offsets[2] as number;
        for (let i = start; i < start + length; i++) {
          y[i] = apply(a[atA] as number, b[atB] as number);
          atA += strideA;
          atB += strideB;
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
  ...Object.fromEntries(Object.entries(functions).map(([op, apply]) => [op, binaryKernel(apply)])),
  Select: select,
};
