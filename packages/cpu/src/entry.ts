/**
 * An entry made ready to run: its calls as an array of closures over typed-array views.
 *
 * A call that reads a resident column gets its closure when a data set is bound, since only then is
 * there an array to look at; until then its place holds a closure that says what is missing.
 */
import { type Call, type Entry, HoneError, type Operand, sizeOf } from "@hone/core/backend";
import { kernelFactories } from "./kernels/index.js";
import type { Kernel } from "./kernels/kernel.js";
import type { BlockMemory } from "./memory.js";
import type { Column, CpuResident } from "./resident.js";

export type Bindings = ReadonlyMap<string, CpuResident>;

export class PreparedEntry {
  readonly kernels: Kernel[];
  /** Blocks that a data set must be bound to. */
  readonly residents: readonly string[];
  readonly #entry: Entry;
  readonly #memory: BlockMemory;

  /** @throws UnsupportedModel for an op without a kernel, and what `rebind` throws */
  constructor(entry: Entry, memory: BlockMemory, bindings: Bindings) {
    this.#entry = entry;
    this.#memory = memory;
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    this.checkBindings(bindings);
    this.kernels = entry.calls.map((call) => this.#compile(call, bindings));
  }

  /** Compiles the calls that read `block` anew. */
  rebind(block: string, bindings: Bindings): void {
    for (const [index, call] of this.#entry.calls.entries()) {
      if (call.inputs.some((operand) => operand.block === block)) {
        this.kernels[index] = this.#compile(call, bindings);
      }
    }
  }

  /** @throws BadData, ShapeMismatch when a bound column is not what the entry's calls expect */
  checkBindings(bindings: Bindings): void {
    for (const { inputs } of this.#entry.calls) {
      for (const operand of inputs) {
        const resident = bindings.get(operand.block);
        if (resident) checkColumn(operand, resident.column(operand.block));
      }
    }
  }

  #compile(call: Call, bindings: Bindings): Kernel {
    const where = `"${this.#entry.name}" ${call.op}${call.label ? ` of "${call.label}"` : ""}`;
    const factory = kernelFactories.get(call.op);
    if (!factory) {
      throw new HoneError(
        "UnsupportedModel",
        where,
        `the cpu backend has no kernel for op "${call.op}". Plan for its target, which lists the ops it has.`,
      );
    }
    for (const { block } of call.inputs) {
      if (this.residents.includes(block) && !bindings.has(block)) return unbound(block);
    }
    const view = (operand: Operand) =>
      bindings.get(operand.block)?.column(operand.block).data ?? this.#memory.view(operand, where);
    return factory(call, { inputs: call.inputs.map(view), outputs: call.outputs.map(view) });
  }
}

function unbound(block: string): Kernel {
  return () => {
    throw new HoneError(
      "BadArgument",
      `run`,
      `no data set is bound to "${block}". Bind one first.`,
    );
  };
}

function checkColumn(operand: Operand, column: Column): void {
  const where = `bind "${operand.block}"`;
  const rowLength = sizeOf(operand.shape);
  if (column.rowLength !== rowLength) {
    throw new HoneError(
      "ShapeMismatch",
      where,
      `its rows have ${column.rowLength} elements, the model reads rows of ${rowLength} ([${operand.shape}]). Bind data of that shape.`,
    );
  }
  const { data } = column;
  const dtype =
    data instanceof Uint8Array ? "uint8" : data instanceof Int32Array ? "int32" : "float32";
  if (dtype !== operand.dtype) {
    throw new HoneError(
      "BadData",
      where,
      `the column holds ${dtype}, the entry was made for ${operand.dtype}. Bind data of that type.`,
    );
  }
}
