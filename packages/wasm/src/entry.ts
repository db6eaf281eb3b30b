/**
 * An entry as exported functions with their arguments bound, so that a step is one call each and
 * makes no garbage. Holds the entry's tables and workspace.
 */
import {
  type BlockTable,
  type ColumnFinder,
  type Entry,
  invariant,
  type LoweredCall,
  type LoweredEntry,
  locationOf,
  missingKernel,
  type Operand,
  type StepFunction,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import { fuse } from "./kernels/fusion.js";
import { fusedLowerings, lowerings } from "./kernels/index.js";
import type { Argument, KernelCall, Reference } from "./kernels/lowering.js";

interface LocatedCall extends KernelCall {
  readonly where: string;
}

export class WasmEntry implements LoweredEntry<number> {
  readonly calls: readonly LoweredCall<number>[];
  readonly #arena: Arena;
  readonly #blocks: BlockTable<number>;
  readonly #tables = new Map<Reference, number>();
  readonly #held: number[] = [];
  #workspace = 0;

  /** @throws UnsupportedModel for an op without a kernel; BackendUnavailable when memory runs out */
  constructor(entry: Entry, arena: Arena, blocks: BlockTable<number>) {
    this.#arena = arena;
    this.#blocks = blocks;
    const located = locatedCalls(entry);
    const references = located.flatMap((call) => call.arguments.filter(isReference));
    try {
      this.#allocate(references, `prepare "${entry.name}"`);
    } catch (error) {
      this.release();
      throw error;
    }
    this.calls = located.map((call) => ({
      operands: operandsOf(call),
      bind: (columnOf) => this.#bind(call, columnOf),
    }));
  }

  /** Frees tables and workspace. */
  release(): void {
    for (const address of this.#held.splice(0)) this.#arena.release(address);
  }

  #allocate(references: readonly Reference[], where: string): void {
    let workspaceBytes = 0;
    for (const reference of references) {
      if (reference.kind === "workspace") {
        workspaceBytes = Math.max(workspaceBytes, reference.byteOffset + reference.bytes);
      }
    }
    if (workspaceBytes > 0) {
      this.#workspace = this.#arena.allocate(workspaceBytes, where);
      this.#held.push(this.#workspace);
    }
    this.#placeTables(references, where);
  }

  /** All tables in one piece of memory. */
  #placeTables(references: readonly Reference[], where: string): void {
    let length = 0;
    for (const reference of references) {
      if (reference.kind !== "table" || this.#tables.has(reference)) continue;
      this.#tables.set(reference, length);
      length += reference.values.length;
    }
    if (length === 0) return;
    const all = new Uint32Array(length);
    for (const [reference, start] of this.#tables) {
      if (reference.kind === "table") all.set(reference.values, start);
    }
    const address = this.#arena.allocateCopy(all, where);
    this.#held.push(address);
    for (const [reference, start] of this.#tables) this.#tables.set(reference, address + 4 * start);
  }

  #bind(call: LocatedCall, columnOf: ColumnFinder<number>): StepFunction {
    const kernel = this.#arena.kernels[call.kernel];
    invariant(kernel, call.where, `the module exports no "${call.kernel}"`);
    const values = call.arguments.map((argument) => this.#resolve(argument, call.where, columnOf));
    return kernel.bind(undefined, ...values);
  }

  #resolve(argument: Argument, where: string, columnOf: ColumnFinder<number>): number {
    if (!isReference(argument)) return argument;
    switch (argument.kind) {
      case "operand": {
        const { operand } = argument;
        const column = columnOf(operand.block);
        return column?.space ?? this.#blocks.spaceOf(operand, where) + 4 * operand.offset;
      }
      case "rows":
        return columnOf(argument.operand.block)?.rows ?? 0;
      case "table":
        return this.#tables.get(argument) ?? 0;
      case "workspace":
        return this.#workspace + argument.byteOffset;
    }
  }
}

function locatedCalls(entry: Entry): LocatedCall[] {
  return fuse(entry).flatMap((call) => {
    const where = locationOf(entry, call);
    const lowering = lowerings.get(call.op) ?? fusedLowerings.get(call.op);
    if (!lowering) throw missingKernel("wasm", where, call.op);
    return lowering(call).map((kernelCall) => ({ ...kernelCall, where }));
  });
}

function isReference(argument: Argument): argument is Reference {
  return typeof argument !== "number";
}

function operandsOf(call: KernelCall): Operand[] {
  return call.arguments.flatMap((argument) =>
    isReference(argument) && argument.kind === "operand" ? [argument.operand] : [],
  );
}
