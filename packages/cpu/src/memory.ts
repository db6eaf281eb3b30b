/**
 * Blocks of memory by name.
 *
 * An element takes 4 bytes, or 8 on a 64-bit device, whatever its type: int32 operands then lie
 * densely from their element offset on and leave the second half of their room unused.
 */
import {
  type Block,
  HoneError,
  invariant,
  type MemoryUse,
  type Operand,
  sizeOf,
} from "@hone/core/backend";

/** Longest block, in elements. */
export const MAX_BLOCK_LENGTH = 2 ** 28;

/** What an operand in a memory block looks like to a kernel. */
export type MemoryView = Float32Array | Float64Array | Int32Array;

export class BlockMemory {
  readonly #blocks = new Map<string, ArrayBuffer>();
  readonly #bytesPerElement: number;

  constructor(precision: 32 | 64) {
    this.#bytesPerElement = precision / 8;
  }

  /**
   * Makes the memory blocks that are not held yet, filled with zeros. All of them or none.
   * @returns the names of the blocks it made
   * @throws ShapeMismatch when a block is held with another length or is longer than a block may be
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

  release(names: readonly string[]): void {
    for (const name of names) this.#blocks.delete(name);
  }

  /** A typed array over the operand's elements. */
  view(operand: Operand, where: string): MemoryView {
    const { block, offset, shape, dtype } = operand;
    const buffer = this.#blocks.get(block);
    invariant(buffer, where, `operand in block "${block}", which the entry does not list`);
    invariant(dtype !== "uint8", where, `uint8 operand in memory block "${block}"`);
    const size = sizeOf(shape);
    const length = buffer.byteLength / this.#bytesPerElement;
    invariant(
      offset >= 0 && offset + size <= length,
      where,
      `operand [${shape}] at ${offset} ends outside block "${block}" of length ${length}`,
    );
    const byteOffset = offset * this.#bytesPerElement;
    if (dtype === "int32") return new Int32Array(buffer, byteOffset, size);
    return this.#bytesPerElement === 8
      ? new Float64Array(buffer, byteOffset, size)
      : new Float32Array(buffer, byteOffset, size);
  }

  use(): MemoryUse {
    let bytes = 0;
    for (const buffer of this.#blocks.values()) bytes += buffer.byteLength;
    return { bytes, allocations: this.#blocks.size };
  }

  clear(): void {
    this.#blocks.clear();
  }

  #reserveOne(block: Block, where: string): boolean {
    const held = this.#blocks.get(block.name);
    if (held) {
      const heldLength = held.byteLength / this.#bytesPerElement;
      if (heldLength === block.length) return false;
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${block.name}" has length ${block.length}, but is held with length ${heldLength}. Use another name or the same length.`,
      );
    }
    if (block.length > MAX_BLOCK_LENGTH) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${block.name}" has length ${block.length}, the longest may have ${MAX_BLOCK_LENGTH}. Use a smaller batch.`,
      );
    }
    this.#blocks.set(block.name, new ArrayBuffer(block.length * this.#bytesPerElement));
    return true;
  }
}
