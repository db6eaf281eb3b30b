/**
 * An entry made ready to run: its calls as an array of closures over typed-array views.
 *
 * A call that reads a resident column gets its kernel when a data set is bound, since only then is
 * there an array to look at. Until then, and while a data set is bound that suits only other entries,
 * its place holds a closure that says what is wrong.
 */
import {
  type Call,
  type DataType,
  type Entry,
  HoneError,
  type Operand,
  sizeOf,
} from "@hone/core/backend";
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

  /** @throws UnsupportedModel for an op without a kernel */
  constructor(entry: Entry, memory: BlockMemory, bindings: Bindings) {
    this.#entry = entry;
    this.#memory = memory;
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
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

  /** Why `column` cannot be the resident `block` of this entry, if it cannot. */
  mismatch(block: string, column: Column): HoneError | undefined {
    for (const { inputs } of this.#entry.calls) {
      for (const operand of inputs) {
        const problem = operand.block === block && mismatch(operand, column);
        if (problem) return problem;
      }
    }
    return undefined;
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
    for (const operand of call.inputs) {
      if (!this.residents.includes(operand.block)) continue;
      const column = bindings.get(operand.block)?.column(operand.block);
      const problem = column ? mismatch(operand, column) : unbound(operand.block);
      if (problem) return failing(problem);
    }
    const view = (operand: Operand) =>
      bindings.get(operand.block)?.column(operand.block).data ?? this.#memory.view(operand, where);
    return factory(call, { inputs: call.inputs.map(view), outputs: call.outputs.map(view) });
  }
}

function failing(problem: HoneError): Kernel {
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
  const dtype = dtypeOf(column.data);
  if (dtype !== operand.dtype) {
    return new HoneError(
      "BadData",
      where,
      `the column holds ${dtype}, the entry was made for ${operand.dtype}. Bind data of that type.`,
    );
  }
  return undefined;
}

function dtypeOf(data: Column["data"]): DataType {
  if (data instanceof Uint8Array) return "uint8";
  return data instanceof Int32Array ? "int32" : "float32";
}
