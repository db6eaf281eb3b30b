/** For tests: runs a single call on a device of its own, through the public contract. */
import {
  type Attributes,
  type DataType,
  type Device,
  HostDevice,
  type Operand,
  operandBytes,
  type Shape,
  type TypedArray,
} from "@hone/core/backend";
import { expect } from "vitest";
import { CpuMachine } from "../machine.js";

export interface TestTensor {
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly values: readonly number[];
}

export interface RunOptions {
  readonly attributes?: Attributes;
  readonly step?: number;
  /** 64 unless the test is about rounding. */
  readonly precision?: 32 | 64;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

export function floats(shape: Shape, values: readonly number[]): TestTensor {
  expect(values).toHaveLength(sizeOf(shape));
  return { shape, dtype: "float32", values };
}

export function integers(shape: Shape, values: readonly number[]): TestTensor {
  expect(values).toHaveLength(sizeOf(shape));
  return { shape, dtype: "int32", values };
}

/** Values in (−1, 1) without a pattern; another `seed` gives others. */
export function noise(length: number, seed = 0): number[] {
  return Array.from({ length }, (_, index) => Math.sin((index + 1) * 78.233 * (seed + 1.3)));
}

export function randomFloats(shape: Shape, seed = 0): TestTensor {
  return floats(shape, noise(sizeOf(shape), seed));
}

export function openDevice(precision: 32 | 64 = 64): Device {
  const info = {
    backend: "cpu",
    description: "test",
    kind: "cpu",
    numerics: "test",
    threads: 1,
  } as const;
  return new HostDevice(new CpuMachine(info, precision));
}

/** Runs `op` into a fresh output and returns its elements. */
export async function runCall(
  op: string,
  inputs: readonly TestTensor[],
  result: { readonly shape: Shape; readonly dtype?: DataType },
  options: RunOptions = {},
): Promise<number[]> {
  const output: Operand = {
    block: "output",
    byteOffset: 0,
    shape: result.shape,
    dtype: result.dtype ?? "float32",
  };
  const [values] = await execute(op, inputs, [output], options);
  return values as number[];
}

/** Runs an in-place op and returns what became of the inputs numbered in `changed`. */
export async function changeInputs(
  op: string,
  inputs: readonly TestTensor[],
  changed: readonly number[],
  options: RunOptions = {},
): Promise<number[][]> {
  const outputs = changed.map((index) => operandOf(inputs[index] as TestTensor, index));
  return execute(op, inputs, outputs, options);
}

function operandOf({ shape, dtype }: TestTensor, index: number): Operand {
  return { block: `input ${index}`, byteOffset: 0, shape, dtype };
}

async function execute(
  op: string,
  inputs: readonly TestTensor[],
  outputs: readonly Operand[],
  { attributes = {}, step = 0, precision = 64 }: RunOptions,
): Promise<number[][]> {
  const operands = inputs.map(operandOf);
  const buffers = Object.fromEntries(
    [...operands, ...outputs].map((operand) => [operand.block, operand]),
  );
  const device = openDevice(precision);
  const executable = await device.load({
    entries: [
      {
        name: "test",
        blocks: Object.values(buffers).map((operand) => ({
          name: operand.block,
          kind: "memory",
          bytes: operandBytes(operand, precision),
        })),
        buffers,
        constants: [],
        calls: [{ op, inputs: operands, outputs, attributes }],
      },
    ],
  });
  for (const [index, { dtype, values }] of inputs.entries()) {
    const data: TypedArray =
      dtype === "int32" ? Int32Array.from(values) : Float64Array.from(values);
    executable.write(`input ${index}`, data);
  }
  executable.run("test", { first: step, steps: 1 });
  const results = await executable.read(outputs.map(({ block }) => block));
  await device.close();
  return results.map((values) => [...values]);
}

/** Expects as many elements, each within `tolerance`; NaN only where NaN is expected. */
export function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance = 1e-12,
): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    const found = actual[index] as number;
    const close =
      Object.is(found, value) || Math.abs(found - value) <= tolerance || found === value;
    expect(close, `element ${index} is ${found}, expected ${value}`).toBe(true);
  }
}

/** The multi-index of element `flat` of a row-major tensor. */
export function indexOf(flat: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % (shape[axis] as number));
    rest = Math.floor(rest / (shape[axis] as number));
  }
  return index;
}

/** The element of a tensor at a multi-index. */
export function at({ shape, values }: TestTensor, index: readonly number[]): number {
  const flat = shape.reduce((sum, extent, axis) => sum * extent + (index[axis] as number), 0);
  return values[flat] as number;
}

/** The elements of a tensor of `shape` given one by one. */
export function build(shape: Shape, element: (index: number[]) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => element(indexOf(flat, shape)));
}
