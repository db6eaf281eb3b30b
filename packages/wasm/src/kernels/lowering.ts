/**
 * What an op becomes: calls of exported functions with numeric arguments.
 *
 * Lowering is pure and knows no addresses: an argument that depends on where things lie is a
 * reference, which the entry resolves when memory is there.
 */
import {
  type Call,
  inputOperand,
  type Operand,
  outputOperand,
  type Shape,
  sizeOf,
} from "@hone/core/backend";

export type Reference =
  | { readonly kind: "operand"; readonly operand: Operand }
  /** How many rows the data set bound to the operand's block has. */
  | { readonly kind: "rows"; readonly operand: Operand }
  /** A read-only array that lives as long as the entry. */
  | { readonly kind: "table"; readonly values: Int32Array | Uint32Array }
  /** Bytes that only this call uses; all calls of an entry share them. */
  | { readonly kind: "workspace"; readonly byteOffset: number; readonly bytes: number };

export type Argument = number | Reference;

/** Every function gets the step as one argument more; most take none. */
export interface KernelCall {
  readonly kernel: string;
  readonly arguments: readonly Argument[];
}

export type Lowering = (call: Call) => readonly KernelCall[];
export type LoweringTable = Readonly<Record<string, Lowering>>;

export function invoke(kernel: string, ...list: readonly Argument[]): KernelCall {
  return { kernel, arguments: list };
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

/** Lays a call's pieces of workspace side by side, each on a cache line of its own. */
export class Workspace {
  #bytes = 0;

  take(bytes: number): Reference {
    const reference: Reference = { kind: "workspace", byteOffset: this.#bytes, bytes };
    this.#bytes += Math.ceil(bytes / 64) * 64;
    return reference;
  }
}
