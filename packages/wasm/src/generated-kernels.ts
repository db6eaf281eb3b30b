/**
 * Kernels made at run time, which every thread must have at the same place in its function table.
 *
 * Helpers look at no messages, so a module goes through memory: installing one is a call like any other, in which each
 * thread does its own unit.
 */
import { invariant } from "@hone/core/backend";
import type { Arena } from "./arena.js";
import type { GeneratedKernel } from "./kernels/lowering.js";
import type { Team } from "./team.js";

/** Words of a record `Call` in assembly/run.ts, and of what Linkage reads: address, length, index. */
const CALL_WORDS = 4;
const RECORD_WORDS = 3;

export class GeneratedKernels {
  readonly #arena: Arena;
  readonly #team: Team;
  readonly #indices = new Map<string, number>();
  #next: number;

  constructor(arena: Arena, team: Team) {
    this.#arena = arena;
    this.#team = team;
    this.#next = Math.max(0, ...arena.kernels.indices.values()) + 1;
  }

  /** Where the kernel stands in the tables; made when it is not known. May let memory grow. */
  indexOf({ key, bytes }: GeneratedKernel, where: string): number {
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.#next++;
    this.#install(bytes(this.#arena.isShared), index, where);
    this.#indices.set(key, index);
    return index;
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
