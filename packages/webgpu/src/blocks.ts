/** The blocks of one executable, by name: each has one buffer, and entries share it. */
import { type Block, HoneError } from "@hone/core/backend";
import type { GpuMemory } from "./memory.js";
import { BUFFER_USAGE } from "./usage.js";

const USAGE = BUFFER_USAGE.storage | BUFFER_USAGE.copySource | BUFFER_USAGE.copyDestination;

interface HeldBlock {
  readonly block: Block;
  /** Missing for a resident block. */
  readonly buffer: GPUBuffer | undefined;
}

export class Blocks {
  readonly #memory: GpuMemory;
  readonly #maxLength: number;
  readonly #held = new Map<string, HeldBlock>();

  constructor(memory: GpuMemory, maxLength: number) {
    this.#memory = memory;
    this.#maxLength = maxLength;
  }

  /** The buffer of a memory block. */
  buffer(name: string): GPUBuffer | undefined {
    return this.#held.get(name)?.buffer;
  }

  /** @throws Internal for a block held with another length or kind, BadArgument for one too long */
  check(blocks: readonly Block[], where: string): void {
    for (const { name, kind, length } of blocks) {
      const held = this.#held.get(name)?.block;
      if (held && (held.kind !== kind || (kind === "memory" && held.length !== length))) {
        const what = `block "${name}" is ${kind} with ${length} elements, and already here as ${held.kind} with ${held.length}. Please report this.`;
        throw new HoneError("Internal", where, what);
      }
      if (kind === "memory" && length > this.#maxLength) {
        const what = `block "${name}" has ${length} elements and this GPU binds at most ${this.#maxLength}. Use a smaller batch.`;
        throw new HoneError("BadArgument", where, what);
      }
    }
  }

  /** Makes the blocks that are not held yet, filled with zeros. @returns their names, for `release` */
  reserve(blocks: readonly Block[]): string[] {
    const made: string[] = [];
    for (const block of blocks) {
      const { name, kind, length } = block;
      if (this.#held.has(name)) continue;
      const memory = kind === "memory";
      const buffer = memory ? this.#memory.create(`block ${name}`, length * 4, USAGE) : undefined;
      this.#held.set(name, { block, buffer });
      made.push(name);
    }
    return made;
  }

  release(names: readonly string[]): void {
    for (const name of names) {
      const buffer = this.#held.get(name)?.buffer;
      if (buffer) this.#memory.destroy(buffer);
      this.#held.delete(name);
    }
  }

  releaseAll(): void {
    this.release([...this.#held.keys()]);
  }
}
