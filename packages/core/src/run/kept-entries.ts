/**
 * Which entries an engine has on its device, and which of them may go.
 *
 * Whoever asks for an entry holds it until it is let go, so one that is at work never goes. Those that nobody holds
 * stay for the next who asks, the last used of them; the others make room. Weights and slots never go: where the last
 * entry that names them leaves, an entry without calls takes its place, which the device only holds.
 */
import type { Block, Entry, Operand } from "../plan/program.js";

/** Entries that stay though nobody holds them, and what they alone may take together. */
const MOST_IDLE = 24;
const MOST_IDLE_BYTES = 2 ** 29;

interface Kept {
  readonly entry: Entry;
  readonly key: string;
  holders: number;
}

interface Known {
  /** Entries that name the block. */
  users: number;
  /** Which making of a block of that name this one is. */
  birth: number;
}

export class KeptEntries {
  /** By key, in the order of use. */
  readonly #kept = new Map<string, Kept>();
  readonly #byEntry = new Map<Entry, Kept>();
  readonly #blocks = new Map<string, Known>();
  /** What must not be lost: buffers of weights and slots, and their blocks. */
  readonly #state = new Map<string, Operand>();
  readonly #stateBlocks = new Map<string, Block>();
  #births = 0;
  #holding = 0;

  /** The entry of that key, held once more. */
  take(key: string): Entry | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.holders++;
    return kept.entry;
  }

  /** Takes in an entry that is ready, held once. @param state those of its buffers that must not be lost */
  add(key: string, entry: Entry, state: readonly string[]): void {
    const kept = { entry, key, holders: 1 };
    this.#kept.set(key, kept);
    this.#byEntry.set(entry, kept);
    this.#count(entry);
    for (const name of state) {
      const operand = entry.buffers[name];
      if (operand) this.#state.set(name, operand);
    }
    const places = new Set(state.map((name) => entry.buffers[name]?.block));
    for (const block of entry.blocks) {
      if (places.has(block.name)) this.#stateBlocks.set(block.name, block);
    }
  }

  letGo(entry: Entry): void {
    const kept = this.#byEntry.get(entry);
    if (kept && kept.holders > 0) kept.holders--;
  }

  /** Buffers of the weights and slots that the device has, views over several of them too. */
  get stateNames(): readonly string[] {
    return [...this.#state.keys()];
  }

  /** Whether the buffer holds a weight or slot that the device has. */
  hasState(buffer: string): boolean {
    return this.#state.has(buffer);
  }

  /**
   * Tells one making of a buffer's block from the next: what was written into the first is gone from the second.
   * 0 while there is none.
   */
  birthOf(block: string): number {
    return this.#blocks.get(block)?.birth ?? 0;
  }

  /** The title itself, or the first of its numbers that no entry has. */
  nameFor(title: string): string {
    const names = new Set([...this.#byEntry.keys()].map(({ name }) => name));
    let name = title;
    for (let number = 2; names.has(name); number++) name = `${title}#${number}`;
    return name;
  }

  /** Those that must go so that no more stay than may, the longest unused first. */
  surplus(): Entry[] {
    const idle = this.idle();
    let bytes = idle.reduce((sum, entry) => sum + this.#ownBytes(entry), 0);
    const leaving: Entry[] = [];
    for (const [index, entry] of idle.entries()) {
      if (idle.length - index <= MOST_IDLE && bytes <= MOST_IDLE_BYTES) break;
      bytes -= this.#ownBytes(entry);
      leaving.push(entry);
    }
    return leaving;
  }

  /** Those that nobody holds, the longest unused first. */
  idle(): Entry[] {
    return [...this.#kept.values()].filter(({ holders }) => holders === 0).map((one) => one.entry);
  }

  /** An entry for weights and slots that would be lost if these left; undefined where none would. */
  keeperFor(leaving: readonly Entry[]): Entry | undefined {
    const left = new Map<string, number>();
    for (const { blocks } of leaving) {
      for (const { name } of blocks) left.set(name, (left.get(name) ?? 0) + 1);
    }
    const blocks = [...this.#stateBlocks.values()].filter(
      ({ name }) => left.has(name) && left.get(name) === this.#blocks.get(name)?.users,
    );
    if (blocks.length === 0) return undefined;
    const names = new Set(blocks.map(({ name }) => name));
    const buffers = [...this.#state].filter(([, { block }]) => names.has(block));
    const name = `kept#${++this.#holding}`;
    return { name, blocks, buffers: Object.fromEntries(buffers), constants: [], calls: [] };
  }

  /** Takes in what `keeperFor` gave, now that it is ready. */
  addKeeper(keeper: Entry): void {
    this.#count(keeper);
  }

  remove(entry: Entry): void {
    const kept = this.#byEntry.get(entry);
    if (!kept) return;
    this.#byEntry.delete(entry);
    this.#kept.delete(kept.key);
    for (const { name } of entry.blocks) {
      const known = this.#blocks.get(name);
      if (known && --known.users === 0) this.#blocks.delete(name);
    }
  }

  isHeld(entry: Entry): boolean {
    return (this.#byEntry.get(entry)?.holders ?? 0) > 0;
  }

  #count({ blocks }: Entry): void {
    for (const { name } of blocks) {
      const known = this.#blocks.get(name);
      if (known) known.users++;
      else this.#blocks.set(name, { users: 1, birth: ++this.#births });
    }
  }

  /** What would be free if it left. */
  #ownBytes({ blocks }: Entry): number {
    return blocks
      .filter(({ name }) => this.#blocks.get(name)?.users === 1)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
