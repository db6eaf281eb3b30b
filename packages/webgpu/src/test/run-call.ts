/** Runs one op on the device, laid out as a plan would: every operand in a block of its own. */
import { existsSync } from "node:fs";
import {
  type Attributes,
  type Call,
  type DataType,
  type Device,
  lowersFirst,
  type Operand,
  type Shape,
  sizeOf,
  type TypedArray,
} from "@hone/core/backend";
import { directWebgpu, openDevice } from "../backend.js";
import type { WebgpuDevice } from "../device.js";
import type { Traits } from "../kernels/kernel.js";
import { lowering } from "../lowering.js";
import { entryOf, operandOf } from "./operands.js";

const SOFTWARE_DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";

let opened: Promise<Device> | undefined;

/** The device all tests of a file share; on a machine without a GPU, the software one. */
export function testDevice(): Promise<Device> {
  useSoftwareDriver();
  opened ??= directWebgpu().open();
  return opened;
}

/** A device of its own, with what lies behind the contract; its traits follow from what it is, unless they are given. */
export async function openGpu(traits?: Traits): Promise<WebgpuDevice> {
  useSoftwareDriver();
  return lowersFirst(await openDevice(), lowering(traits));
}

export function useSoftwareDriver(): void {
  if (process.platform === "linux" && existsSync(SOFTWARE_DRIVER)) {
    process.env.VK_ICD_FILENAMES ??= SOFTWARE_DRIVER;
  }
}

export interface Value {
  readonly shape: Shape;
  readonly data: TypedArray;
}

export interface CallSpec {
  readonly inputs: readonly Value[];
  readonly outputs?: readonly { readonly shape: Shape; readonly dtype?: DataType }[];
  /** Inputs changed in place: they become the outputs. */
  readonly inPlace?: readonly number[];
  readonly attributes?: Attributes;
  readonly step?: number;
  /** Input 0 is a column of a data set. */
  readonly column?: boolean;
  /** Another device than the one all tests of the file share. */
  readonly device?: Device;
}

/** Outputs of `op`. */
export async function runCall(op: string, spec: CallSpec): Promise<TypedArray[]> {
  const device = spec.device ?? (await testDevice());
  const inputs = spec.inputs.map((value, index) =>
    operandOf(
      `in${index}`,
      spec.column && index === 0 ? value.shape.slice(1) : value.shape,
      dtypeOf(value.data),
    ),
  );
  const outputs = spec.inPlace
    ? spec.inPlace.map((index) => inputs[index] as Operand)
    : (spec.outputs ?? []).map(({ shape, dtype }, index) => operandOf(`out${index}`, shape, dtype));
  const call: Call = { op, inputs, outputs, attributes: spec.attributes ?? {} };
  const entry = entryOf("test", [call], spec.column ? ["in0"] : []);
  const executable = await device.load({ entries: [entry] });
  let resident: { dispose(): void } | undefined;
  try {
    for (const [index, { data, shape }] of spec.inputs.entries()) {
      if (spec.column && index === 0) {
        const column = { data: data as Uint8Array, rowLength: sizeOf(shape.slice(1)) };
        const uploaded = await device.upload({ in0: column });
        resident = uploaded;
        executable.bind("in0", uploaded);
      } else {
        executable.write(`in${index}`, data);
      }
    }
    executable.run("test", { first: spec.step ?? 0, steps: 1 });
    return await executable.read(outputs.map((operand) => operand.block));
  } finally {
    executable.dispose();
    resident?.dispose();
  }
}

function dtypeOf(data: TypedArray): DataType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}

/** Numbers in [-1, 1) that a seed decides. */
export function numbers(shape: Shape, seed = 1): Float32Array {
  let state = seed * 2654435761;
  return Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x80000000 - 1;
  });
}

export function floats(shape: Shape, seed = 1): Value {
  return { shape, data: numbers(shape, seed) };
}

export function floatsOf(shape: Shape, values: readonly number[]): Value {
  return { shape, data: Float32Array.from(values) };
}

export function integersOf(shape: Shape, values: readonly number[]): Value {
  return { shape, data: Int32Array.from(values) };
}

/** The largest difference, as a part of the largest expected size. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 1e-30;
  for (let index = 0; index < expected.length; index++) {
    const [a, e] = [actual[index] as number, expected[index] as number];
    if (Object.is(a, e) || a === e) continue;
    if (Number.isNaN(a - e)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - e));
    size = Math.max(size, Math.abs(e));
  }
  for (const value of Array.from(expected)) {
    if (Number.isFinite(value)) size = Math.max(size, Math.abs(value));
  }
  return difference / size;
}
