/**
 * Where kernels stand in the function tables, the same in every thread: those of families, which come when they are
 * needed, and those made at run time.
 *
 * Helpers look at no messages, so a module goes through memory: installing one is a call like any other, in which each
 * thread does its own unit.
 */
import { invariant, UseCounts } from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { GeneratedKernel } from "./kernels/lowering.js";
import type { KernelFamily } from "./launches.js";
import { functionNames } from "./linkage.js";
import type { Team } from "./team.js";

/** Words of a record `Call` in assembly/run.ts, and of what Linkage reads: address, length, index. */
const CALL_WORDS = 4;
const RECORD_WORDS = 3;

/** Kernels that stay though no entry has them. */
const MOST_IDLE = 256;

export class KernelTable {
  readonly #arena: Arena;
  readonly #team: Team;
  /** By family and name, and of kernels made at run time by key. */
  readonly #indices = new Map<string, number>();
  readonly #uses = new UseCounts(MOST_IDLE, (key) => this.#drop(key));
  /** Places of kernels that were dropped; what stands there goes when another takes it. */
  readonly #vacant: number[] = [];
  #next: number;

  constructor(arena: Arena, team: Team) {
    this.#arena = arena;
    this.#team = team;
    this.#next = arena.linkage.baseIndex;
    this.#name("base", arena.linkage.functions);
  }

  /** Adds a family, of which this thread has made an instance. May let memory grow. */
  add({ name, bytes }: KernelFamily, exports: WebAssembly.Exports): void {
    this.#install(bytes, this.#next, exports, name);
    this.#name(name, exports);
  }

  /** Where a kernel of a family stands. */
  numberOf(kernel: string, where: string): number {
    const index = this.#indices.get(kernel);
    invariant(index !== undefined, where, `there is no kernel "${kernel}"`);
    return index;
  }

  /**
   * Where the kernel stands in the tables; made when it is not known. May let memory grow. It stays there until
   * whoever asked has given it back by `release`, once for each time.
   */
  take({ key, bytes }: GeneratedKernel, where: string): number {
    const index = this.#indices.get(key) ?? this.#make(key, bytes, where);
    this.#uses.take(key);
    return index;
  }

  release({ key }: GeneratedKernel): void {
    this.#uses.release(key);
  }

  #name(family: string, exports: WebAssembly.Exports): void {
    for (const name of functionNames(exports)) this.#indices.set(`${family}/${name}`, this.#next++);
  }

  #make(key: string, bytes: Uint8Array, where: string): number {
    const index = this.#vacant.pop() ?? this.#next++;
    try {
      this.#install(bytes, index, this.#arena.linkage.instantiate(bytes), where);
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

  #install(bytes: Uint8Array, index: number, exports: WebAssembly.Exports, where: string): void {
    this.#arena.linkage.place(exports, index);
    const { threads } = this.#team;
    if (threads === 1) return;
    const install = this.numberOf("base/installKernels", where);
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
