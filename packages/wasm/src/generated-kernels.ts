/**
 * Kernels made at run time, which every thread must have at the same place in its function table.
 *
 * Helpers look at no messages, so a module goes through memory: installing one is a call like any other, in which each
 * thread does its own unit.
 */
import { invariant, UseCounts } from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { GeneratedKernel } from "./kernels/lowering.js";
import type { Team } from "./team.js";

/** Words of a record `Call` in assembly/run.ts, and of what Linkage reads: address, length, index. */
const CALL_WORDS = 4;
const RECORD_WORDS = 3;

/** Kernels that stay though no entry has them. */
const MOST_IDLE = 256;

export class GeneratedKernels {
  readonly #arena: Arena;
  readonly #team: Team;
  readonly #indices = new Map<string, number>();
  readonly #uses = new UseCounts(MOST_IDLE, (key) => this.#drop(key));
  /** Places of kernels that were dropped; what stands there goes when another takes it. */
  readonly #vacant: number[] = [];
  #next: number;

  constructor(arena: Arena, team: Team) {
    this.#arena = arena;
    this.#team = team;
    this.#next = Math.max(0, ...arena.kernels.indices.values()) + 1;
  }

  /**
   * Where the kernel stands in the tables; made when it is not known. May let memory grow. It stays there until
   * whoever asked has given it back by `release`, once for each time.
   */
  take({ key, bytes }: GeneratedKernel, where: string): number {
    const index = this.#indices.get(key) ?? this.#make(key, bytes(this.#arena.isShared), where);
    this.#uses.take(key);
    return index;
  }

  /** Where a kernel that was taken stands. */
  indexOf({ key }: GeneratedKernel, where: string): number {
    const index = this.#indices.get(key);
    invariant(index !== undefined, where, `kernel "${key}" was not made`);
    return index;
  }

  release({ key }: GeneratedKernel): void {
    this.#uses.release(key);
  }

  #make(key: string, bytes: Uint8Array, where: string): number {
    const index = this.#vacant.pop() ?? this.#next++;
    try {
      this.#install(bytes, index, where);
    } catch (error) {
      this.#vacant.push(index);
      throw error;
    }
    this.#indices.set(key, index);
    return index;
  }

  #drop(key: string): void {
    this.#vacant.push(this.#indices.get(key) as number);
    this.#indices.delete(key);
  }

  #install(bytes: Uint8Array, index: number, where: string): void {
    const install = this.#arena.kernels.indices.get("installKernel");
    invariant(install !== undefined, where, "the module exports no installKernel");
    const { threads } = this.#team;
    const module = this.#arena.allocateCopy(bytes, where);
    const calls = this.#arena.allocate(4 * (CALL_WORDS + RECORD_WORDS), where);
    const record = calls + 4 * CALL_WORDS;
    const words = [install, record, threads, 0, module, bytes.length, index];
    (this.#arena.view(calls, words.length, "int32") as Int32Array).set(words);
    try {
      this.#team.run({ calls, count: 1, workspaces: 0, workspaceBytes: 0 }, threads, 0, 1);
    } finally {
      this.#arena.release(module);
      this.#arena.release(calls);
    }
  }
}
