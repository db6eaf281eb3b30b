/**
 * Hands out pieces of one WebAssembly memory: first fit, freed neighbours grow together again.
 *
 * Pieces are aligned to a cache line, so that no vector of an aligned tensor straddles two. Kernels
 * read whole vectors at a tensor's end, so a little slack stays free at the end of memory.
 */
import { invariant, type MemoryUse, outOfMemory } from "@hone/core/backend";

export const ALIGNMENT_BYTES = 64;
const SLACK_BYTES = 64;
export const PAGE_BYTES = 65_536;
export const LARGEST_BYTES = 65_536 * PAGE_BYTES;

interface Span {
  readonly address: number;
  readonly bytes: number;
}

export class Allocator {
  readonly #memory: WebAssembly.Memory;
  /** Sorted by address; no two touch. */
  #free: Span[] = [];
  readonly #held = new Map<number, number>();
  /** Where memory that was never handed out begins. */
  #end: number;
  #heldBytes = 0;

  /** @param base the first byte that may be handed out */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#end = roundUp(base);
  }

  /**
   * The address of `bytes` bytes; what they hold is not said.
   * @throws OutOfMemory when memory cannot grow that far
   */
  allocate(bytes: number, where: string): number {
    const needed = Math.max(ALIGNMENT_BYTES, roundUp(bytes));
    const address = this.#takeFree(needed) ?? this.#takeNew(needed, where);
    this.#held.set(address, needed);
    this.#heldBytes += needed;
    return address;
  }

  release(address: number): void {
    const bytes = this.#held.get(address);
    invariant(bytes !== undefined, "release", `nothing is held at ${address}`);
    this.#held.delete(address);
    this.#heldBytes -= bytes;
    const at = this.#free.findIndex((span) => span.address > address);
    const index = at < 0 ? this.#free.length : at;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    const joinsBefore = before !== undefined && before.address + before.bytes === address;
    const joinsAfter = after !== undefined && address + bytes === after.address;
    const start = joinsBefore ? before.address : address;
    const end = joinsAfter ? after.address + after.bytes : address + bytes;
    const first = joinsBefore ? index - 1 : index;
    const replaced = Number(joinsBefore) + Number(joinsAfter);
    this.#free.splice(first, replaced, { address: start, bytes: end - start });
  }

  use(): MemoryUse {
    return { bytes: this.#heldBytes, allocations: this.#held.size };
  }

  #takeFree(bytes: number): number | undefined {
    const index = this.#free.findIndex((span) => span.bytes >= bytes);
    const span = this.#free[index];
    if (span === undefined) return undefined;
    const rest = { address: span.address + bytes, bytes: span.bytes - bytes };
    this.#free.splice(index, 1, ...(rest.bytes > 0 ? [rest] : []));
    return span.address;
  }

  #takeNew(bytes: number, where: string): number {
    const last = this.#free.at(-1);
    const joinsEnd = last !== undefined && last.address + last.bytes === this.#end;
    const address = joinsEnd ? last.address : this.#end;
    this.#growTo(address + bytes + SLACK_BYTES, bytes, where);
    if (joinsEnd) this.#free.pop();
    this.#end = address + bytes;
    return address;
  }

  #growTo(end: number, bytes: number, where: string): void {
    const has = this.#memory.buffer.byteLength;
    if (end <= has) return;
    try {
      if (end > LARGEST_BYTES) throw new RangeError("a WebAssembly memory ends at 4 GiB");
      this.#memory.grow(Math.ceil((end - has) / PAGE_BYTES));
    } catch (cause) {
      const reason = `WebAssembly memory cannot grow from ${has} to ${end} bytes`;
      throw outOfMemory(where, { bytes, heldBytes: this.#heldBytes, reason }, cause);
    }
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
