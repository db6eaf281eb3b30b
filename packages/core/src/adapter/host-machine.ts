/**
 * What an adapter that computes on the calling thread gives: memory, and calls as functions.
 * `new HostDevice(machine)` makes the rest of the contract of it.
 */
import type { Columns, DeviceInfo, KernelTime, MemoryUse, Target } from "../backend.js";
import type { Entry, Operand } from "../plan/program.js";
import type { BlockTable } from "./block-table.js";
import type { ColumnLayout } from "./columns.js";

/** `Space` is what the adapter knows a piece of its memory by: an array, an address. */
export interface HostMachine<Space> {
  readonly info: DeviceInfo;
  readonly target: Target;
  /** Memory of so many bytes, filled with zeros. @throws OutOfMemory */
  allocate(bytes: number, where: string): Space;
  /** A copy of a column, in its own element type. @throws OutOfMemory */
  copy(data: Columns[string]["data"], where: string): Space;
  /** Frees what `allocate` gave. */
  free(space: Space): void;
  /** An array over the operand's elements, `space` being its block; used before anything is allocated. */
  view(space: Space, operand: Operand): HostView;
  /**
   * Makes the entry's calls ready to be bound. Its blocks are in `blocks`.
   * @throws LacksOp for an op without a kernel; OutOfMemory
   */
  lower(entry: Entry, blocks: BlockTable<Space>): LoweredEntry<Space>;
  /** Bytes and allocations in use. */
  use(): MemoryUse;
  /** Called once: `listener` is to be told when the machine can no longer compute, and why. */
  onLost?(listener: (reason: string) => void): void;
  /** Called when the device is closed, after all its memory was given back. */
  close?(): void;
}

/** A block as the calling thread sees it. */
export type HostView = Float32Array | Float64Array | Int32Array;

/** Computes one call of the step of that number; makes no garbage. */
export type StepFunction = (step: number) => void;

/** An entry as the machine runs it. */
export interface LoweredEntry<Space> {
  readonly calls: readonly LoweredCall<Space>[];
  /**
   * Runs all bound calls for some steps by itself, instead of having each bound function called.
   * Makes no garbage.
   */
  run?(first: number, steps: number): void;
  /** Runs them likewise, timing each. */
  profile?(first: number, steps: number): readonly KernelTime[];
  /** How many steps ran on 1, 2, … threads so far. */
  threads?(): readonly number[];
  /** Frees what lowering took beside the blocks. */
  release?(): void;
}

/** One call of an entry, ready to run. */
export interface LoweredCall<Space> {
  /** All tensors it reads or writes. */
  readonly operands: readonly Operand[];
  /** Called once, and again when another data set is bound that the call reads. */
  bind(columnOf: ColumnFinder<Space>): StepFunction;
}

/** The column bound to a resident block; undefined for a memory block. */
export type ColumnFinder<Space> = (block: string) => HostColumn<Space> | undefined;

export interface HostColumn<Space> extends ColumnLayout {
  readonly space: Space;
  readonly rows: number;
}
