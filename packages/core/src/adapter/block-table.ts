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
  /** Frees what `allocate` gave. */
  free(space: Space): void;
}

interface Held<Space> {
  readonly space: Space;
  readonly bytes: number;
  /** Entries that name it. */
  users: number;
}

/** The blocks of a program by name: allocated when an entry needs them, freed when none does. */
export class BlockTable<Space> {
  readonly #source: BlockSource<Space>;
  readonly #held = new Map<string, Held<Space>>();

  constructor(source: BlockSource<Space>) {
    this.#source = source;
  }

  /**
   * Makes the memory blocks of an entry that are not held yet. All of them or none.
   * @throws ShapeMismatch when a block is held with another size; OutOfMemory when there is no room
   */
  reserve(blocks: readonly Block[], where: string): void {
    const reserved: Block[] = [];
    try {
      for (const block of blocks) {
        if (block.kind !== "memory") continue;
        this.#reserveOne(block, where);
        reserved.push(block);
      }
    } catch (error) {
      this.release(reserved);
      throw error;
    }
  }

  /** Undoes a `reserve` of the same blocks: frees those that nobody else has reserved. */
  release(blocks: readonly Block[]): void {
    for (const { name } of blocks) {
      const held = this.#held.get(name);
      if (!held || --held.users > 0) continue;
      this.#held.delete(name);
      this.#source.free(held.space);
    }
  }

  /** How many entries have reserved the block. */
  users(name: string): number {
    return this.#held.get(name)?.users ?? 0;
  }

  /** Frees all blocks. */
  clear(): void {
    for (const { space } of this.#held.values()) this.#source.free(space);
    this.#held.clear();
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

  #reserveOne({ name, bytes }: Block, where: string): void {
    const held = this.#held.get(name);
    if (held?.bytes === bytes) {
      held.users++;
      return;
    }
    if (held) {
      throw new HoneError(
        "ShapeMismatch",
        where,
        `block "${name}" has ${bytes} bytes, but is held with ${held.bytes}. Use another name or the same size.`,
      );
    }
    const { maxBlockBytes } = this.#source;
    if (bytes > maxBlockBytes) throw blockTooLarge(where, name, bytes, maxBlockBytes);
    this.#held.set(name, { space: this.#source.allocate(bytes, where), bytes, users: 1 });
  }
}
