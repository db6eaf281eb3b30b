/** The blocks of an executable, by name. */
import { type Block, HoneError, invariant, type Operand, sizeOf } from "@hone/core/backend";
import type { Arena } from "./arena.js";

/** Longest block, in elements: 1 GiB. */
export const MAX_BLOCK_LENGTH = 2 ** 28;

interface HeldBlock {
  readonly address: number;
  readonly length: number;
}

export class BlockMemory {
  readonly #arena: Arena;
  readonly #blocks = new Map<string, HeldBlock>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Makes the memory blocks that are not held yet, filled with zeros. All of them or none.
   * @returns the names of those it made
   * @throws ShapeMismatch when a block is held with another length or is too long
   */
  reserve(blocks: readonly Block[], where: string): string[] {
    const made: string[] = [];
    try {
      for (const block of blocks) {
        if (block.kind === "memory" && this.#reserveOne(block, where)) made.push(block.name);
      }
    } catch (error) {
      this.release(made);
      throw error;
    }
    return made;
  }

  release(names: Iterable<string>): void {
    for (const name of names) {
      const block = this.#blocks.get(name);
      if (block) this.#arena.release(block.address);
      this.#blocks.delete(name);
    }
  }

  clear(): void {
    this.release([...this.#blocks.keys()]);
  }

  /** Where the operand starts, in bytes. */
  addressOf({ block, offset, shape, dtype }: Operand, where: string): number {
    const held = this.#blocks.get(block);
    invariant(held, where, `operand in block "${block}", which the entry does not list`);
    invariant(dtype !== "uint8", where, `uint8 operand in memory block "${block}"`);
    invariant(
      offset >= 0 && offset + sizeOf(shape) <= held.length,
      where,
      `operand [${shape}] at ${offset} ends outside block "${block}" of length ${held.length}`,
    );
    return held.address + 4 * offset;
  }

  #reserveOne({ name, length }: Block, where: string): boolean {
    const held = this.#blocks.get(name);
    if (held?.length === length) return false;
    if (held) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has length ${length}, but is held with length ${held.length}. Use another name or the same length.`,
      );
    }
    if (length > MAX_BLOCK_LENGTH) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has length ${length}, the longest may have ${MAX_BLOCK_LENGTH}. Use a smaller batch.`,
      );
    }
    this.#blocks.set(name, { address: this.#arena.allocate(4 * length, where), length });
    return true;
  }
}
