/**
 * An entry made ready to run: exported functions with their arguments bound, so that a step is one
 * call each and makes no garbage.
 *
 * A call that reads a resident column is bound anew with every data set; until a fitting one is
 * there, it throws what is wrong.
 */
import { type Entry, HoneError, invariant, type Operand, sizeOf } from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { BlockMemory } from "./block-memory.js";
import { fuse } from "./kernels/fusion.js";
import { fusedLowerings, lowerings } from "./kernels/index.js";
import type { Argument, KernelCall, Reference } from "./kernels/lowering.js";
import type { Column, WasmResident } from "./resident.js";

export type Bindings = ReadonlyMap<string, WasmResident>;
export type BoundCall = (step: number) => void;

interface Lowered extends KernelCall {
  readonly where: string;
}

export class PreparedEntry {
  /** In order; `run` calls them with the step. */
  readonly calls: BoundCall[];
  /** Blocks that a data set must be bound to. */
  readonly residents: readonly string[];
  readonly #arena: Arena;
  readonly #blocks: BlockMemory;
  readonly #lowered: readonly Lowered[];
  readonly #tables = new Map<Reference, number>();
  readonly #held: number[] = [];
  #workspace = 0;

  /** @throws UnsupportedModel for an op without a kernel; BackendUnavailable when memory runs out */
  constructor(entry: Entry, arena: Arena, blocks: BlockMemory, bindings: Bindings) {
    this.#arena = arena;
    this.#blocks = blocks;
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    this.#lowered = lowerEntry(entry);
    try {
      this.#allocate(entry.name);
      this.calls = this.#lowered.map((call) => this.#bind(call, bindings));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Frees tables and workspace. */
  release(): void {
    for (const address of this.#held.splice(0)) this.#arena.release(address);
  }

  /** Binds the calls that read `block` anew. */
  rebind(block: string, bindings: Bindings): void {
    for (const [index, call] of this.#lowered.entries()) {
      if (operandsOf(call).some((operand) => operand.block === block)) {
        this.calls[index] = this.#bind(call, bindings);
      }
    }
  }

  /** Why `column` cannot be the resident `block` of this entry, if it cannot. */
  mismatch(block: string, column: Column): HoneError | undefined {
    for (const call of this.#lowered) {
      for (const operand of operandsOf(call)) {
        const problem = operand.block === block && mismatch(operand, column);
        if (problem) return problem;
      }
    }
    return undefined;
  }

  #allocate(name: string): void {
    const where = `prepare "${name}"`;
    const references = this.#lowered.flatMap((call) => call.arguments.filter(isReference));
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

  #bind(call: Lowered, bindings: Bindings): BoundCall {
    const kernel = this.#arena.kernels[call.kernel];
    invariant(kernel, call.where, `the module exports no "${call.kernel}"`);
    for (const operand of operandsOf(call)) {
      if (!this.residents.includes(operand.block)) continue;
      const column = bindings.get(operand.block)?.column(operand.block);
      const problem = column ? mismatch(operand, column) : unbound(operand.block);
      if (problem) return failing(problem);
    }
    const values = call.arguments.map((argument) => this.#resolve(argument, call.where, bindings));
    return kernel.bind(undefined, ...values);
  }

  #resolve(argument: Argument, where: string, bindings: Bindings): number {
    if (!isReference(argument)) return argument;
    switch (argument.kind) {
      case "operand": {
        const { block } = argument.operand;
        if (!this.residents.includes(block)) return this.#blocks.addressOf(argument.operand, where);
        return bindings.get(block)?.column(block).address ?? 0;
      }
      case "rows": {
        const { block } = argument.operand;
        return bindings.get(block)?.column(block).rows ?? 0;
      }
      case "table":
        return this.#tables.get(argument) ?? 0;
      case "workspace":
        return this.#workspace + argument.byteOffset;
    }
  }
}

function lowerEntry(entry: Entry): Lowered[] {
  return fuse(entry).flatMap((call) => {
    const where = `"${entry.name}" ${call.op}${call.label ? ` of "${call.label}"` : ""}`;
    const lowering = lowerings.get(call.op) ?? fusedLowerings.get(call.op);
    if (!lowering) {
      throw new HoneError(
        "UnsupportedModel",
        where,
        `the wasm backend has no kernel for op "${call.op}". Plan for its target, which lists the ops it has.`,
      );
    }
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

function failing(problem: HoneError): BoundCall {
  return () => {
    throw problem;
  };
}

function unbound(block: string): HoneError {
  return new HoneError("BadArgument", "run", `no data set is bound to "${block}". Bind one first.`);
}

function mismatch(operand: Operand, column: Column): HoneError | undefined {
  const where = `bind "${operand.block}"`;
  const rowLength = sizeOf(operand.shape);
  if (column.rowLength !== rowLength) {
    return new HoneError(
      "ShapeMismatch",
      where,
      `its rows have ${column.rowLength} elements, the entry reads rows of ${rowLength} ([${operand.shape}]). Bind data of that shape.`,
    );
  }
  if (column.dtype !== operand.dtype) {
    return new HoneError(
      "BadData",
      where,
      `the column holds ${column.dtype}, the entry was made for ${operand.dtype}. Bind data of that type.`,
    );
  }
  return undefined;
}
