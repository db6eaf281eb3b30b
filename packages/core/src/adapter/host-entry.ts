/**
 * An entry made ready to run: one function a call, its arguments bound.
 *
 * A call that reads a resident column is bound anew with every data set, since only then is there a
 * place to read from. Until a fitting one is there, running the entry throws what is wrong.
 */
import type { KernelTime } from "../backend.js";
import type { HoneError } from "../errors.js";
import type { Entry } from "../plan/program.js";
import { columnMismatch } from "./columns.js";
import type { HostColumn, LoweredCall, LoweredEntry, StepFunction } from "./host-machine.js";
import type { HostResident } from "./host-resident.js";
import { unboundData } from "./misuse.js";

/** Data sets by the resident block they are bound to. */
export type Bindings<Space> = ReadonlyMap<string, HostResident<Space>>;

export class HostEntry<Space> {
  /** In order. */
  readonly #calls: StepFunction[];
  /** What is wrong with the data set a call reads, by call. */
  readonly #problems = new Map<number, HoneError>();
  /** What it shares with other entries, by name. */
  readonly shares: Pick<Entry, "blocks" | "buffers">;
  /** Blocks that a data set must be bound to. */
  readonly residents: readonly string[];
  readonly #lowered: LoweredEntry<Space>;
  /** The op of each call. */
  readonly #names: readonly string[];

  constructor(entry: Entry, lowered: LoweredEntry<Space>, bindings: Bindings<Space>) {
    this.shares = { blocks: entry.blocks, buffers: entry.buffers };
    this.residents = entry.blocks.filter(({ kind }) => kind === "resident").map(({ name }) => name);
    this.#lowered = lowered;
    this.#names = entry.calls.map(({ op }) => op);
    this.#calls = lowered.calls.map((call, index) => this.#bind(call, index, bindings));
  }

  /** Binds the calls that read `block` anew. */
  rebind(block: string, bindings: Bindings<Space>): void {
    for (const [index, call] of this.#lowered.calls.entries()) {
      if (call.operands.some((operand) => operand.block === block)) {
        this.#calls[index] = this.#bind(call, index, bindings);
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

  /** Computes the steps from `first` on. Makes no garbage. @throws what is wrong with a data set */
  run(first: number, steps: number): void {
    if (this.#problems.size > 0) throw this.#firstProblem();
    if (this.#lowered.run) {
      this.#lowered.run(first, steps);
      return;
    }
    const calls = this.#calls;
    for (let step = first; step < first + steps; step++) {
      for (let index = 0; index < calls.length; index++) calls[index]?.(step);
    }
  }

  /** The same, timing each kernel. @throws also when the adapter cannot */
  profile(first: number, steps: number): readonly KernelTime[] {
    if (this.#problems.size > 0) throw this.#firstProblem();
    if (this.#lowered.profile) return this.#lowered.profile(first, steps);
    const times = this.#calls.map(() => 0);
    for (let step = first; step < first + steps; step++) {
      for (const [index, call] of this.#calls.entries()) {
        const beganMs = performance.now();
        call(step);
        times[index] = (times[index] as number) + 1000 * (performance.now() - beganMs);
      }
    }
    return times.map((microseconds, call) => ({
      kernel: this.#names[call] ?? "",
      call,
      microseconds,
    }));
  }

  /** How many steps ran on 1, 2, … threads, where that is counted. */
  get threads(): readonly number[] | undefined {
    return this.#lowered.threads?.();
  }

  release(): void {
    this.#lowered.release?.();
  }

  #firstProblem(): HoneError {
    const [index] = [...this.#problems.keys()].sort((a, b) => a - b);
    return this.#problems.get(index as number) as HoneError;
  }

  #bind(call: LoweredCall<Space>, index: number, bindings: Bindings<Space>): StepFunction {
    this.#problems.delete(index);
    const columnOf = (block: string) =>
      this.residents.includes(block) ? bindings.get(block)?.column(block) : undefined;
    for (const operand of call.operands) {
      if (!this.residents.includes(operand.block)) continue;
      const column = columnOf(operand.block);
      const problem = column ? columnMismatch(operand, column) : unboundData(operand.block);
      if (!problem) continue;
      this.#problems.set(index, problem);
      return doNothing;
    }
    return call.bind(columnOf);
  }
}

const doNothing: StepFunction = () => {};
