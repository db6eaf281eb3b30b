/**
 * What an op becomes: calls of exported kernels, each with a record of arguments and a number of units
 * of work that threads share out.
 *
 * Lowering is pure, gives plain data and knows neither addresses nor threads: an argument that depends on where things
 * lie is a reference, which the entry resolves when memory is there; units follow from shapes alone.
 */
import {
  type Call,
  inputOperand,
  type Operand,
  outputOperand,
  type Shape,
  sizeOf,
} from "@hone/core/kernels";

export type Reference =
  | { readonly kind: "operand"; readonly operand: Operand }
  /** How many rows the data set bound to the operand's block has. */
  | { readonly kind: "rows"; readonly operand: Operand }
  /** Where a kernel that is made at run time stands in the function table. */
  | { readonly kind: "kernel"; readonly kernel: GeneratedKernel }
  /** A read-only array that lives as long as the entry. */
  | { readonly kind: "table"; readonly values: Int32Array | Uint32Array }
  /** Bytes for what one call leaves for the next ones of the same op; all ops of an entry share them. */
  | { readonly kind: "shared"; readonly byteOffset: number; readonly bytes: number }
  /** Bytes that each thread has for itself, for one call. Resolves to an offset: see assembly/run.ts. */
  | { readonly kind: "workspace"; readonly byteOffset: number; readonly bytes: number };

/** A number of the record's that is a float32; all others are 32-bit integers. */
export interface Float {
  readonly kind: "float";
  readonly value: number;
}

export type Argument = number | Float | Reference;

/** A kernel made at run time: a module that exports it alone. */
export interface GeneratedKernel {
  readonly name: string;
  /** Kernels of equal keys are the same. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Of the functions that it calls. */
  readonly family: string;
}

/** The record's fields, in the order of the kernel's record class in assembly/. */
export interface KernelCall {
  /** Family and name of one, `base/conv2d`; or one made for this call. */
  readonly kernel: string | GeneratedKernel;
  /** At most this many threads have something to do. */
  readonly units: number;
  readonly arguments: readonly Argument[];
}

/** @param shared whether the device's memory is one that threads share */
export type Lowering = (call: Call, shared: boolean) => readonly KernelCall[];
/** By op. */
export type LoweringTable = Readonly<Record<string, Lowering>>;

export function invoke(
  kernel: KernelCall["kernel"],
  units: number,
  ...list: readonly Argument[]
): KernelCall {
  return { kernel, units, arguments: list };
}

export function float(value: number): Float {
  return { kind: "float", value };
}

/** Elements in a unit of elementwise work: BLOCK of assembly/blocks.ts. */
const BLOCK = 512;

/** Units of work on `count` elements one by one. */
export function blocksOf(count: number): number {
  return Math.ceil(count / BLOCK);
}

export function input(call: Call, index: number): Reference {
  return { kind: "operand", operand: inputOperand(call, index) };
}

export function output(call: Call, index = 0): Reference {
  return { kind: "operand", operand: outputOperand(call, index) };
}

/** The input's address, or 0 when the call has no such input. */
export function optionalInput(call: Call, index: number): Argument {
  return index < call.inputs.length ? input(call, index) : 0;
}

/** Rows and columns of a tensor seen as a matrix whose columns are the last axis. */
export function matrixOf(shape: Shape): { readonly rows: number; readonly columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(shape) / columns, columns };
}

export function table(values: readonly number[] | Int32Array | Uint32Array): Reference {
  return {
    kind: "table",
    values: Array.isArray(values) ? Int32Array.from(values) : (values as Int32Array),
  };
}

/** The byte offsets 0, step, 2·step … */
export function offsets(count: number, stepBytes: number): Reference {
  return table(Uint32Array.from({ length: count }, (_, index) => index * stepBytes));
}

/** Lays pieces of memory side by side, each on a cache line of its own. */
export class Workspace {
  readonly #kind: "workspace" | "shared";
  #bytes = 0;

  constructor(kind: "workspace" | "shared" = "workspace") {
    this.#kind = kind;
  }

  take(bytes: number): Reference {
    const reference: Reference = { kind: this.#kind, byteOffset: this.#bytes, bytes };
    this.#bytes += Math.ceil(bytes / 64) * 64;
    return reference;
  }
}

/** Partial sums of a filter's gradient, and how many floats all of them may take. */
const MOST_CHUNKS = 8;
const MOST_PARTIAL_FLOATS = 2 ** 21;

/** How many partial sums a gradient of `size` elements over a batch has: part of the program. */
export function chunksOf(batch: number, size: number): number {
  return Math.max(1, Math.min(MOST_CHUNKS, batch, Math.floor(MOST_PARTIAL_FLOATS / size)));
}
