/**
 * Who computes: one thread alone, as here, or a team that shares its memory (shared-team.ts), which is loaded where there
 * is one. Most pages have no memory that can be shared.
 */
import {
  type Entry,
  HoneError,
  invariant,
  type Operand,
  type WatchThread,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { KernelCall } from "./kernels/lowering.js";
import { WORK_RECORD } from "./team-record.js";

/** A run of calls that lie one after another in memory. */
export interface TeamWork {
  readonly calls: number;
  readonly count: number;
  readonly workspaces: number;
  readonly workspaceBytes: number;
}

export interface TeamOptions {
  readonly threads: number;
  /** Operations from which an entry is worth sharing out; as workload.ts has it unless said. */
  readonly shareFrom?: number | undefined;
  /** The address of a script that starts helpers, for pages whose policy forbids blob workers. */
  readonly helperUrl?: string | undefined;
  /** Given an end of each helper's lifeline by a thread that is itself ended after the device. */
  readonly watchThread?: WatchThread | undefined;
}

/** Makes a team, or one thread alone. @throws what starting a helper threw */
export type Gather = (arena: Arena, options: TeamOptions) => Promise<Team>;

/** Runs some steps on that many threads. */
export type RunOnThreads = (threads: number, first: number, steps: number) => void;

/** On how many threads an entry's steps run. */
export interface Pace {
  /** How many steps ran on 1, 2, … threads so far. */
  readonly taken: readonly number[];
  /** Threads that the next steps will run on, but for a trial. */
  readonly threads: number;
  run(first: number, steps: number): void;
}

/** Before which calls threads must meet; asked for each call in order. */
export interface Meetings {
  isNeededBefore(call: KernelCall & { readonly outputs: readonly Operand[] }): boolean;
}

/** Told once why the team cannot compute any more. */
export type BreakListener = (reason: string) => void;

/** One thread. */
export class Team {
  readonly threads: number = 1;
  protected readonly arena: Arena;
  protected broken: HoneError | undefined;
  #tellBroken: BreakListener = () => {};

  protected constructor(arena: Arena) {
    this.arena = arena;
  }

  static async alone(arena: Arena): Promise<Team> {
    return new Team(arena);
  }

  /** @param listener told, once, when a kernel or a helper has failed */
  onBroken(listener: BreakListener): void {
    this.#tellBroken = listener;
  }

  /** How many threads may run it. */
  threadsFor(_entry: Entry): number {
    return 1;
  }

  /** @param threads that may run the entry */
  pace(_threads: number, run: RunOnThreads): Pace {
    const taken = [0];
    return {
      taken,
      threads: 1,
      run(first, steps) {
        run(1, first, steps);
        taken[0] = (taken[0] as number) + steps;
      },
    };
  }

  meetings(): Meetings {
    return { isNeededBefore: () => false };
  }

  /**
   * Runs the calls for some steps, and returns when all threads have.
   * @param threads how many do it; helpers beyond them go on sleeping
   * @throws DeviceLost when a kernel fails on any thread, and from then on
   */
  run(work: TeamWork, threads: number, first: number, steps: number): void {
    const { calls, count, workspaces, workspaceBytes } = work;
    const { memory, linkage, teamAddress } = this.arena;
    if (this.broken) throw this.broken;
    const record = new Int32Array(memory.buffer, teamAddress + WORK_RECORD, 7);
    record[0] = calls;
    record[1] = count;
    record[2] = first;
    record[3] = steps;
    record[4] = workspaces;
    record[5] = workspaceBytes;
    record[6] = threads;
    const { runWork } = linkage.functions;
    invariant(runWork, "wasm", "the module exports no runWork");
    try {
      runWork(teamAddress);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw this.break(this.reason() ?? `a kernel failed: ${message}`, cause);
    }
  }

  close(): void {}

  /** Why a thread has failed, where it has said so. */
  protected reason(): string | undefined {
    return undefined;
  }

  /** Memory is in no state to go on from, and threads may be anywhere. */
  protected break(reason: string, cause: unknown): HoneError {
    if (this.broken) return this.broken;
    const what = `the device is gone: ${reason}. Open another.`;
    this.broken = new HoneError("DeviceLost", "wasm", what, { cause });
    this.#tellBroken(reason);
    return this.broken;
  }
}
