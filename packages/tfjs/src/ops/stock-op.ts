/**
 * What an op of Hone's is in stock tfjs: the kernels it is composed of, and how.
 *
 * A device lists an op when tfjs's registry has every kernel that its row names, and a kernel that the row
 * does not name cannot be called: so what a stock backend lacks is found out, not written down.
 */
import { type Call, sizeOf, type TypedArray } from "@hone/core/backend";
import type {
  KernelAttributes,
  KernelInputs,
  StockName,
  StockType,
  Tensor,
} from "../stock/stock.js";

/** A bound column of a data set. */
export interface Column {
  /** [rows, rowLength] */
  readonly tensor: Tensor;
  readonly rows: number;
}

/** A range of flat operands that is one tensor in each of them. */
export interface Segment {
  /** The range of the operand with that index among those asked for. */
  tensor(index: number): Tensor;
  /** Puts a tensor in place of that range. */
  put(index: number, tensor: Tensor): void;
}

/** One call in one step. Tensors made here are freed when the call is done. */
export interface CallRun {
  readonly step: number;
  /** Input `index`, in the operand's shape. */
  input(index: number): Tensor;
  /** Input `index` as the host wrote it, in whole or from `begin` on; not to be changed. */
  values(index: number, begin?: number, length?: number): TypedArray;
  /** The data set's column that input `index` stands for. */
  column(index: number): Column;
  /** Inputs of one layout, cut wherever one of them is. */
  segments(inputs: readonly number[]): Segment[];
  kernel(name: string, inputs: KernelInputs, attributes?: KernelAttributes): Tensor;
  /** A tensor of no dimension, kept for later steps: for numbers that are the same in every step. */
  scalar(value: number): Tensor;
  /** A tensor that the call needs in every step, made once. */
  constant(name: string, make: () => { values: TypedArray; shape: readonly number[] }): Tensor;
  /** A tensor for this step alone; `values` must not change afterwards. */
  upload(values: TypedArray, shape: readonly number[], dtype: StockType): Tensor;
  /** The only number of a tensor, waited for; on cpu and wasm, where that costs nothing. */
  look(tensor: Tensor): number;
  /** A dropout mask that this or an earlier call of the step drew. */
  mask(key: string, draw: () => Uint8Array): Uint8Array;
}

/** Computes a call: its outputs in order, or nothing where the op has put them in place itself. */
export type Compute = (run: CallRun) => Tensor | readonly Tensor[] | undefined;

/** One way to compute an op. */
export interface Composition {
  /** tfjs kernels it calls, beside those that every op may need (ALWAYS_NEEDED). */
  readonly kernels: readonly string[];
  /** Looks at a call once. */
  readonly lower: (call: Call) => Compute;
  /** True where the stock kernel's answer differs for NaN or among equal maxima alone. */
  readonly cornersOnly?: boolean;
}

export interface StockOp extends Composition {
  readonly op: string;
  /** What replaces it on a backend whose own kernel gives another answer than OPS.md asks for. */
  readonly on?: Readonly<Partial<Record<StockName, Composition>>>;
}

/** Kernels that move operands in and out of blocks. */
export const ALWAYS_NEEDED: readonly string[] = ["Slice", "Concat", "Cast"];

/** The same numbers in another shape; costs nothing. */
export const reshaped = (tensor: Tensor, shape: readonly number[]): Tensor => ({
  ...tensor,
  shape,
});

/** The same numbers in one dimension: there Select takes a condition for each element, never one for a row. */
export const flat = (tensor: Tensor): Tensor => reshaped(tensor, [sizeOf(tensor.shape)]);
