/**
 * What a device runs: named entries over named blocks of memory. Plain data.
 *
 * Surprising fact: an entry names every block it touches, persistent ones too. A block of that name
 * which the executable already holds is shared; so an entry prepared later meets the same weights.
 */
import type { Attributes, DataType, Shape } from "../graph/types.js";
import type { TypedArray } from "../typed-array.js";

/**
 * One allocation. A `memory` block is made by the device and filled with zeros. A `resident` block is
 * the column of that name of the data set bound to the executable; its size is known only when it is
 * bound, and `bytes` is 0.
 */
export interface Block {
  readonly name: string;
  readonly kind: "memory" | "resident";
  readonly bytes: number;
}

/**
 * A dense row-major tensor inside a block. `byteOffset` is a multiple of the target's alignment and of
 * the size of an element, which element-size.ts tells for a dtype and the target's precision.
 */
export interface Operand {
  readonly block: string;
  readonly byteOffset: number;
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** One op on its operands. A tensor changed in place is named in `inputs` and again in `outputs`. */
export interface Call {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly attributes: Attributes;
  /**
   * Floating-point operations by the op table, of the full dense formulation; for adapters that weigh
   * work, and without bearing on results. A plan tells it of every call, a program by hand need not.
   */
  readonly flops?: number;
  readonly label?: string;
}

/** One batch size of one purpose (`train@64`, `predict@1`): a linear list of calls. */
export interface Entry {
  readonly name: string;
  readonly blocks: readonly Block[];
  /** What the host may `write` and `read` by name. */
  readonly buffers: Readonly<Record<string, Operand>>;
  /** Written once, when the entry is prepared. */
  readonly constants: readonly { readonly operand: Operand; readonly value: TypedArray }[];
  readonly calls: readonly Call[];
}

/** What a device loads: entries over blocks, as plain data. */
export interface Program {
  readonly entries: readonly Entry[];
}
