/**
 * An entry made ready to run: one function a call, its arguments bound.
 *
 * A call that reads a resident column is bound anew with every data set, since only then is there a
 * place to read from. Until a fitting one is there, its place holds a function that throws what is
 * wrong.
 */
import { HoneError } from "../errors.js";
import type { Entry } from "../plan/program.js";
import { columnMismatch } from "./columns.js";
import type { HostColumn, LoweredCall, LoweredEntry, StepFunction } from "./host-machine.js";
import type { HostResident } from "./host-resident.js";

/** Data sets by the resident block they are bound to. */
export type Bindings<Space> = ReadonlyMap<string, HostResident<Space>>;

export class HostEntry<Space> {
  /** In order. */
  readonly calls: StepFunction[];
  /** Blocks that a data set must be bound to. */
  readonly residents: readonly string[];
  readonly #lowered: LoweredEntry<Space>;

  constructor(entry: Entry, lowered: LoweredEntry<Space>, bindings: Bindings<Space>) {
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    this.#lowered = lowered;
    this.calls = lowered.calls.map((call) => this.#bind(call, bindings));
  }

  /** Binds the calls that read `block` anew. */
  rebind(block: string, bindings: Bindings<Space>): void {
    for (const [index, call] of this.#lowered.calls.entries()) {
      if (call.operands.some((operand) => operand.block === block)) {
        this.calls[index] = this.#bind(call, bindings);
      }
    }
  }

  /** Why `column` cannot be the resident `block` of this entry, if it cannot. */
  mismatch(block: string, column: HostColumn<Space>): HoneError | undefined {
    for (const { operands } of this.#lowered.calls) {
      for (const operand of operands) {
        const problem = operand.block === block && columnMismatch(operand, column);
        if (problem) return problem;
      }
    }
    return undefined;
  }

  release(): void {
    this.#lowered.release?.();
  }

  #bind(call: LoweredCall<Space>, bindings: Bindings<Space>): StepFunction {
    const columnOf = (block: string) =>
      this.residents.includes(block) ? bindings.get(block)?.column(block) : undefined;
    for (const operand of call.operands) {
      if (!this.residents.includes(operand.block)) continue;
      const column = columnOf(operand.block);
      const problem = column ? columnMismatch(operand, column) : unbound(operand.block);
      if (problem) return failing(problem);
    }
    return call.bind(columnOf);
  }
}

function failing(problem: HoneError): StepFunction {
  return () => {
    throw problem;
  };
}

function unbound(block: string): HoneError {
  return new HoneError("BadArgument", "run", `no data set is bound to "${block}". Bind one first.`);
}
