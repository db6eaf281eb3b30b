/**
 * An entry as a list of calls in memory, which all threads walk: see assembly/run.ts. Holds the
 * entry's tables and workspaces.
 */
import {
  type BlockTable,
  type ColumnFinder,
  invariant,
  type KernelTime,
  type LoweredCall,
  type LoweredEntry,
  locationOf,
  type Operand,
  type StepFunction,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { KernelTable } from "./kernel-table.js";
import type { Argument, GeneratedKernel, KernelCall, Reference } from "./kernels/lowering.js";
import type { LaunchedEntry } from "./launches.js";
import type { Pace, Team, TeamWork } from "./team.js";

/** Words of a record `Call` in assembly/run.ts. */
const CALL_WORDS = 4;

interface LocatedCall extends KernelCall {
  readonly where: string;
  /** Which of the entry's calls it belongs to. */
  readonly call: number;
  readonly outputs: readonly Operand[];
}

export class WasmEntry implements LoweredEntry<number> {
  readonly calls: readonly LoweredCall<number>[];
  readonly #arena: Arena;
  readonly #team: Team;
  readonly #table: KernelTable;
  readonly #blocks: BlockTable<number>;
  readonly #located: readonly LocatedCall[];
  /** Where each table and record begins, in words of `#words`. */
  readonly #places = new Map<Reference | LocatedCall, number>();
  readonly #held: number[] = [];
  readonly #kernels: GeneratedKernel[] = [];
  #wordsAddress = 0;
  #wordCount = 0;
  #sharedAddress = 0;
  /** Threads that may compute this entry. */
  readonly #threads: number;
  readonly #pace: Pace;
  #work: TeamWork = { calls: 0, count: 0, workspaces: 0, workspaceBytes: 0 };

  /** @throws OutOfMemory */
  constructor(
    entry: LaunchedEntry,
    arena: Arena,
    team: Team,
    table: KernelTable,
    blocks: BlockTable<number>,
  ) {
    this.#arena = arena;
    this.#team = team;
    this.#table = table;
    this.#blocks = blocks;
    this.#located = locatedCalls(entry);
    this.#threads = this.#located.length > 0 ? team.threadsFor(entry) : 1;
    this.#pace = team.pace(this.#threads, (threads, first, steps) => {
      this.#team.run(this.#work, threads, first, steps);
    });
    try {
      this.#allocate(`prepare "${entry.name}"`);
    } catch (error) {
      this.release();
      throw error;
    }
    this.calls = this.#located.map((call, index) => ({
      operands: operandsOf(call),
      bind: (columnOf) => this.#bind(call, index, columnOf),
    }));
  }

  run(first: number, steps: number): void {
    this.#pace.run(first, steps);
  }

  /** How many steps ran on 1, 2, … threads. */
  threads(): readonly number[] {
    return this.#pace.taken;
  }

  profile(first: number, steps: number): readonly KernelTime[] {
    const times = this.#located.map(() => 0);
    for (let step = first; step < first + steps; step++) {
      for (let index = 0; index < times.length; index++) {
        const beganMs = performance.now();
        this.#runOne(index, step);
        times[index] = (times[index] as number) + 1000 * (performance.now() - beganMs);
      }
    }
    return this.#located.map(({ kernel, call }, index) => ({
      kernel: typeof kernel === "string" ? kernel.replace(/.*\//, "") : kernel.name,
      call,
      microseconds: times[index] as number,
    }));
  }

  /** Frees tables, workspaces and kernels made for it. */
  release(): void {
    for (const kernel of this.#kernels.splice(0)) this.#table.release(kernel);
    for (const address of this.#held.splice(0)) this.#arena.release(address);
  }

  #runOne(index: number, step: number): void {
    const calls = this.#work.calls + 4 * CALL_WORDS * index;
    this.#team.run({ ...this.#work, calls, count: 1 }, this.#pace.threads, step, 1);
  }

  #allocate(where: string): void {
    const references = this.#located.flatMap((call) => call.arguments.filter(isReference));
    const bytesOf = (kind: "workspace" | "shared") =>
      references.reduce(
        (most, reference) =>
          reference.kind === kind ? Math.max(most, reference.byteOffset + reference.bytes) : most,
        0,
      );
    const workspaceBytes = Math.ceil(bytesOf("workspace") / 64) * 64;
    const workspaces = this.#take(workspaceBytes * this.#threads, where);
    this.#sharedAddress = this.#take(bytesOf("shared"), where);
    this.#placeWords(references, where);
    const count = this.#located.length;
    this.#work = { calls: this.#wordsAddress, count, workspaces, workspaceBytes };
  }

  #take(bytes: number, where: string): number {
    if (bytes === 0) return 0;
    const address = this.#arena.allocate(bytes, where);
    this.#held.push(address);
    return address;
  }

  /** The list of calls, their records and all tables, in one piece of memory. */
  #placeWords(references: readonly Reference[], where: string): void {
    let length = CALL_WORDS * this.#located.length;
    for (const call of this.#located) {
      this.#places.set(call, length);
      length += call.arguments.length;
    }
    for (const reference of references) {
      if (reference.kind !== "table" || this.#places.has(reference)) continue;
      this.#places.set(reference, length);
      length += reference.values.length;
    }
    // Before memory is looked at: making a kernel may let it grow.
    const kernels = this.#located.map((call) => this.#kernelNumber(call));
    this.#wordCount = length;
    this.#wordsAddress = this.#take(4 * length, where);
    const words = this.#words();
    for (const [reference, start] of this.#places) {
      if ("kind" in reference && reference.kind === "table") words.set(reference.values, start);
    }
    const meetings = this.#team.meetings();
    for (const [index, call] of this.#located.entries()) {
      const meets = Number(meetings.isNeededBefore(call));
      const record = this.#addressOf(call);
      words.set([kernels[index] as number, record, call.units, meets], CALL_WORDS * index);
    }
  }

  /** Where a call's kernel stands in the function table; those its arguments name are made ready too. */
  #kernelNumber({ kernel, arguments: list, where }: LocatedCall): number {
    for (const argument of list) {
      if (isReference(argument) && argument.kind === "kernel") {
        this.#made(argument.kernel, where);
      }
    }
    if (typeof kernel !== "string") return this.#made(kernel, where);
    return this.#table.numberOf(kernel, where);
  }

  #made(kernel: GeneratedKernel, where: string): number {
    const number = this.#table.take(kernel, where);
    this.#kernels.push(kernel);
    return number;
  }

  #words(): Int32Array {
    return this.#arena.view(this.#wordsAddress, this.#wordCount, "int32") as Int32Array;
  }

  #addressOf(placed: Reference | LocatedCall): number {
    return this.#wordsAddress + 4 * (this.#places.get(placed) as number);
  }

  /** Writes the call's record. The function it gives is for those who want this one call alone. */
  #bind(call: LocatedCall, index: number, columnOf: ColumnFinder<number>): StepFunction {
    const start = this.#places.get(call) as number;
    const record = this.#words().subarray(start, start + call.arguments.length);
    const floats = new Float32Array(record.buffer, record.byteOffset, record.length);
    for (const [field, argument] of call.arguments.entries()) {
      if (typeof argument === "number") record[field] = argument;
      else if (argument.kind === "float") floats[field] = argument.value;
      else record[field] = this.#resolve(argument, call.where, columnOf);
    }
    return (step) => this.#runOne(index, step);
  }

  #resolve(reference: Reference, where: string, columnOf: ColumnFinder<number>): number {
    switch (reference.kind) {
      case "operand": {
        const { operand } = reference;
        const column = columnOf(operand.block);
        return column?.space ?? this.#blocks.spaceOf(operand, where) + operand.byteOffset;
      }
      case "kernel":
        return this.#table.numberOf(reference.kernel.key, where);
      case "rows":
        return columnOf(reference.operand.block)?.rows ?? 0;
      case "table":
        return this.#addressOf(reference);
      case "shared":
        return this.#sharedAddress + reference.byteOffset;
      case "workspace":
        return reference.byteOffset;
    }
  }
}

function locatedCalls(entry: LaunchedEntry): LocatedCall[] {
  const { launches } = entry;
  invariant(launches, "wasm", `entry "${entry.name}" came without launches`);
  return entry.calls.flatMap((call, index) => {
    const where = locationOf(entry, call);
    const { outputs } = call;
    return (launches[index] ?? []).map((launch) => ({ ...launch, where, call: index, outputs }));
  });
}

export function isReference(argument: Argument): argument is Reference {
  return typeof argument !== "number" && argument.kind !== "float";
}

function operandsOf(call: KernelCall): Operand[] {
  return call.arguments.flatMap((argument) =>
    isReference(argument) && argument.kind === "operand" ? [argument.operand] : [],
  );
}
