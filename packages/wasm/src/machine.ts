/** Memory and calls of a wasm device: what `HostDevice` makes the whole contract of. */
import {
  type BlockTable,
  type Columns,
  type DeviceInfo,
  type Entry,
  type HostMachine,
  type HostView,
  invariant,
  type LoweredEntry,
  type MemoryUse,
  type Operand,
  sizeOf,
  type Target,
} from "@hone/core/backend";
import { ALIGNMENT_BYTES } from "./allocator.js";
import type { Arena } from "./arena.js";
import { WasmEntry } from "./entry.js";
import { KernelTable } from "./kernel-table.js";
import type { KernelFamily, LaunchedEntry } from "./launches.js";
import type { Team } from "./team.js";

const MAX_BLOCK_BYTES = 2 ** 30;

/** Knows memory by its address. */
export class WasmMachine implements HostMachine<number> {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly #arena: Arena;
  readonly #team: Team;
  readonly #kernels: KernelTable;

  constructor(info: DeviceInfo, arena: Arena, team: Team) {
    this.info = info;
    this.target = {
      specVersion: 1,
      alignmentBytes: ALIGNMENT_BYTES,
      precision: 32,
      // Those that there are launches for, which come from elsewhere.
      ops: [],
      maxBlockBytes: MAX_BLOCK_BYTES,
      memoryBytes: arena.mostBytes,
    };
    this.#arena = arena;
    this.#team = team;
    this.#kernels = new KernelTable(arena, team);
  }

  allocate(bytes: number, where: string): number {
    return this.#arena.allocate(bytes, where);
  }

  copy(data: Columns[string]["data"], where: string): number {
    return this.#arena.allocateCopy(data, where);
  }

  free(address: number): void {
    this.#arena.release(address);
  }

  view(address: number, { byteOffset, shape, dtype }: Operand): HostView {
    invariant(dtype !== "uint8", "view", "uint8 buffers exist in data sets alone");
    return this.#arena.view(address + byteOffset, sizeOf(shape), dtype);
  }

  lower(entry: Entry, blocks: BlockTable<number>): LoweredEntry<number> {
    return new WasmEntry(entry as LaunchedEntry, this.#arena, this.#team, this.#kernels, blocks);
  }

  /** Adds kernels that later entries may call. */
  install(family: KernelFamily): void {
    this.#kernels.add(family, this.#arena.linkage.instantiate(family.bytes));
  }

  /** The same on a page's own thread, where browsers until 2023 refuse to make all but small modules at once. */
  async installLater(family: KernelFamily): Promise<void> {
    const { instance } = await WebAssembly.instantiate(family.bytes, this.#arena.linkage.imports);
    this.#kernels.add(family, instance.exports);
  }

  /** Blocks, columns, tables and workspaces alive now. */
  use(): MemoryUse {
    return this.#arena.use();
  }

  onLost(listener: (reason: string) => void): void {
    this.#team.onBroken(listener);
  }

  close(): void {
    this.#team.close();
  }
}
