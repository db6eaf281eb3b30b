/** The memory blocks of one executable, by name. */
import { HoneError, invariant } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { Block, Operand } from "../plan/program.js";

/** Where blocks come from. `Space` is what the adapter knows memory by: an array, an address. */
export interface BlockSource<Space> {
  /** Longest block, in elements. */
  readonly maxLength: number;
  /** Memory for `length` elements, filled with zeros. */
  allocate(length: number, where: string): Space;
  free(space: Space): void;
}

export class BlockTable<Space> {
  readonly #source: BlockSource<Space>;
  readonly #held = new Map<string, { readonly space: Space; readonly length: number }>();

  constructor(source: BlockSource<Space>) {
    this.#source = source;
  }

  /**
   * Makes the memory blocks that are not held yet. All of them or none.
   * @returns the names of those it made
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

  release(names: Iterable<string>): void {
    for (const name of names) {
      const held = this.#held.get(name);
      if (held) this.#source.free(held.space);
      this.#held.delete(name);
    }
  }

  clear(): void {
    this.release([...this.#held.keys()]);
  }

  /** The memory of the operand's block. @throws Internal unless the operand lies inside of a held block */
  spaceOf({ block, offset, shape, dtype }: Operand, where: string): Space {
    const held = this.#held.get(block);
    invariant(held, where, `operand in block "${block}", which the entry does not list`);
    invariant(dtype !== "uint8", where, `uint8 operand in memory block "${block}"`);
    invariant(
      offset >= 0 && offset + sizeOf(shape) <= held.length,
      where,
      `operand [${shape}] at ${offset} ends outside block "${block}" of length ${held.length}`,
    );
    return held.space;
  }

  #reserveOne({ name, length }: Block, where: string): boolean {
    const held = this.#held.get(name);
    if (held?.length === length) return false;
    if (held) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has length ${length}, but is held with length ${held.length}. Use another name or the same length.`,
      );
    }
    const { maxLength } = this.#source;
    if (length > maxLength) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has length ${length}, the longest may have ${maxLength}. Use a smaller batch.`,
      );
    }
    this.#held.set(name, { space: this.#source.allocate(length, where), length });
    return true;
  }
}
