/** The memory blocks of one executable, by name. */
import { HoneError, invariant } from "../errors.js";
import { operandBytes, type Precision } from "../plan/element-size.js";
import { blockTooLarge } from "../plan/out-of-memory.js";
import type { Block, Operand } from "../plan/program.js";

/** Where blocks come from. `Space` is what the adapter knows memory by: an array, an address. */
export interface BlockSource<Space> {
  readonly maxBlockBytes: number;
  readonly precision: Precision;
  /** Memory of so many bytes, filled with zeros. @throws OutOfMemory */
  allocate(bytes: number, where: string): Space;
  free(space: Space): void;
}

export class BlockTable<Space> {
  readonly #source: BlockSource<Space>;
  readonly #held = new Map<string, { readonly space: Space; readonly bytes: number }>();

  constructor(source: BlockSource<Space>) {
    this.#source = source;
  }

  /**
   * Makes the memory blocks that are not held yet. All of them or none.
   * @returns the names of those it made
   * @throws ShapeMismatch when a block is held with another size; OutOfMemory when there is no room
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
  spaceOf({ block, byteOffset, shape, dtype }: Operand, where: string): Space {
    const held = this.#held.get(block);
    invariant(held, where, `operand in block "${block}", which the entry does not list`);
    invariant(dtype !== "uint8", where, `uint8 operand in memory block "${block}"`);
    const end = byteOffset + operandBytes({ shape, dtype }, this.#source.precision);
    invariant(
      byteOffset >= 0 && end <= held.bytes,
      where,
      `${dtype} operand [${shape}] at byte ${byteOffset} leaves block "${block}" of ${held.bytes} bytes`,
    );
    return held.space;
  }

  #reserveOne({ name, bytes }: Block, where: string): boolean {
    const held = this.#held.get(name);
    if (held?.bytes === bytes) return false;
    if (held) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has ${bytes} bytes, but is held with ${held.bytes}. Use another name or the same size.`,
      );
    }
    const { maxBlockBytes } = this.#source;
    if (bytes > maxBlockBytes) throw blockTooLarge(where, name, bytes, maxBlockBytes);
    this.#held.set(name, { space: this.#source.allocate(bytes, where), bytes });
    return true;
  }
}
