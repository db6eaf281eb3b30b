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
import { GeneratedKernels } from "./generated-kernels.js";
import type { Lowerings } from "./kernels/lowering.js";
import type { Team } from "./team.js";

const MAX_BLOCK_BYTES = 2 ** 30;

/** Knows memory by its address. */
export class WasmMachine implements HostMachine<number> {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly #arena: Arena;
  readonly #team: Team;
  readonly #generated: GeneratedKernels;
  readonly #lowerings: Lowerings;

  constructor(info: DeviceInfo, arena: Arena, team: Team, lowerings: Lowerings) {
    this.info = info;
    this.target = {
      specVersion: 1,
      alignmentBytes: ALIGNMENT_BYTES,
      precision: 32,
      ops: [...lowerings.keys()],
      maxBlockBytes: MAX_BLOCK_BYTES,
      memoryBytes: arena.mostBytes,
    };
    this.#arena = arena;
    this.#team = team;
    this.#lowerings = lowerings;
    this.#generated = new GeneratedKernels(arena, team);
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
    return new WasmEntry(entry, this.#arena, this.#team, this.#generated, blocks, this.#lowerings);
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
