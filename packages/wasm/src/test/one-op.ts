/** Runs a program of one call, on the wasm backend and on the 64-bit reference. */
import {
  type Attributes,
  type Backend,
  bytesPerElement,
  type DataType,
  type Entry,
  type Operand,
  type Shape,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import { cpu } from "@hone/cpu";
import { expect } from "vitest";
import { wasm } from "../index.js";

export interface TensorCase {
  readonly shape: Shape;
  /** Float32 or int32 values; pseudo-random ones in (−1, 1) when left out. */
  readonly data?: readonly number[] | TypedArray;
  readonly dtype?: DataType;
}

export interface OpCase {
  readonly op: string;
  readonly inputs: readonly TensorCase[];
  /** The result; left out where an op changes an input in place. */
  readonly output?: TensorCase;
  /** Indices of the inputs that are changed in place. */
  readonly changed?: readonly number[];
  readonly attributes?: Attributes;
  readonly step?: number;
}

/** Pseudo-random numbers in (−1, 1), the same for a seed. */
export function numbers(count: number, seed = 1): Float32Array {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  });
}

function valuesOf(tensor: TensorCase, index: number): TypedArray {
  const values = tensor.data ?? numbers(sizeOf(tensor.shape), index + 1);
  return tensor.dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values);
}

/** Padding after each tensor that no kernel may touch. */
const GUARD = 16;

/** In elements. */
function guardedLength(shape: Shape): number {
  return 2 * GUARD + Math.ceil(sizeOf(shape) / 4) * 4;
}

function entryOf(
  { op, inputs, output, changed = [], attributes = {} }: OpCase,
  precision: 32 | 64,
): Entry {
  const tensors = output ? [...inputs, output] : inputs;
  const operands = tensors.map(
    ({ shape, dtype = "float32" }, index): Operand => ({
      block: `t${index}`,
      byteOffset: GUARD * bytesPerElement(dtype, precision),
      shape,
      dtype,
    }),
  );
  const guarded = operands.map(({ shape }) => guardedLength(shape));
  const buffers = operands.flatMap((operand, index): [string, Operand][] => [
    [`t${index}`, operand],
    [`guarded${index}`, { ...operand, byteOffset: 0, shape: [guarded[index] as number] }],
  ]);
  const results = changed.map((index) => operands[index] as Operand);
  return {
    name: "one",
    blocks: operands.map(({ block, dtype }, index) => ({
      name: block,
      kind: "memory",
      bytes: (guarded[index] as number) * bytesPerElement(dtype, precision),
    })),
    buffers: Object.fromEntries(buffers),
    constants: [],
    calls: [
      {
        op,
        inputs: operands.slice(0, inputs.length),
        outputs: output ? operands.slice(inputs.length) : results,
        attributes,
      },
    ],
  };
}

/** The result, or the changed inputs one after another, computed twice to see that nothing is left over. */
export async function compute(backend: Backend, testCase: OpCase): Promise<number[]> {
  const device = await backend.open();
  try {
    const executable = await device.load({ entries: [entryOf(testCase, device.target.precision)] });
    const { inputs, output, changed = [], step = 0 } = testCase;
    const indices = output ? [inputs.length] : changed;
    const runs = output ? 2 : 1;
    for (const index of indices) {
      const { shape, dtype } = output ?? (inputs[index] as TensorCase);
      const length = guardedLength(shape);
      const marks = dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
      executable.write(`guarded${index}`, marks.fill(77));
    }
    inputs.forEach((tensor, index) => {
      executable.write(`t${index}`, valuesOf(tensor, index));
    });
    for (let run = 0; run < runs; run++) executable.run("one", { first: step, steps: 1 });
    const results = await executable.read(indices.map((index) => `t${index}`));
    const guarded = await executable.read(indices.map((index) => `guarded${index}`));
    guarded.forEach((values, index) => {
      const end = GUARD + (results[index] as TypedArray).length;
      const outside = [...values.slice(0, GUARD), ...values.slice(end)];
      expect(outside, `${testCase.op} wrote outside of its result`).toEqual(outside.map(() => 77));
    });
    return results.flatMap((values) => [...values]);
  } finally {
    await device.close();
  }
}

/** Greatest difference relative to the largest finite value; NaN and infinities must agree exactly. */
export function difference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const finite = expected.filter((value) => Number.isFinite(value)).map(Math.abs);
  const scale = Math.max(1e-30, ...finite.slice(0, 100_000));
  let worst = 0;
  expected.forEach((value, index) => {
    const got = actual[index] as number;
    if (Number.isFinite(value)) {
      const gap = Math.abs(got - value) / scale;
      worst = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
    } else if (!Object.is(got, value)) {
      worst = Number.POSITIVE_INFINITY;
    }
  });
  return worst;
}

const reference = cpu({ precision: 64, worker: false });
export const tested = wasm({ worker: false, threads: 2, shareFrom: 0 });

/**
 * Checks a fused op, whose last input is a bias per column, against the reference's plain op followed
 * by bias and activation.
 */
export async function expectLikeUnfused(fused: OpCase, plainOp: string): Promise<void> {
  const inputs = fused.inputs.slice(0, -1);
  const plain = await compute(reference, { ...fused, op: plainOp, inputs });
  const bias = valuesOf(fused.inputs.at(-1) as TensorCase, inputs.length);
  const expected = plain.map((value, index) => {
    const sum = value + (bias[index % bias.length] as number);
    return fused.attributes?.activation === "relu" ? Math.max(sum, 0) : sum;
  });
  const actual = await compute(tested, fused);
  const what = `${fused.op} of ${inputs.map(({ shape }) => `[${shape}]`)}`;
  expect(difference(actual, expected), what).toBeLessThanOrEqual(2e-6);
}

/** Checks one case against the 64-bit reference. */
export async function expectLikeReference(testCase: OpCase, tolerance = 2e-6): Promise<void> {
  const expected = await compute(reference, testCase);
  const actual = await compute(tested, testCase);
  const { op, inputs, attributes } = testCase;
  const what = `${op} of ${inputs.map(({ shape }) => `[${shape}]`)} ${JSON.stringify(attributes ?? {})}`;
  expect(difference(actual, expected), what).toBeLessThanOrEqual(tolerance);
}
