/** An open wasm device: one memory, and the owner of every executable and resident in it. */
import {
  type Columns,
  type Device,
  type DeviceInfo,
  type DeviceLost,
  type Executable,
  HoneError,
  type MemoryUse,
  type Program,
  type Resident,
  type Target,
} from "@hone/core/backend";
import type { Arena } from "./arena.js";
import { MAX_BLOCK_LENGTH } from "./block-memory.js";
import { WasmExecutable } from "./executable.js";
import { lowerings } from "./kernels/index.js";
import { WasmResident } from "./resident.js";

/** Elements in a cache line. */
const ALIGNMENT = 16;

export class WasmDevice implements Device {
  readonly info: DeviceInfo;
  readonly target: Target = {
    alignment: ALIGNMENT,
    precision: 32,
    ops: [...lowerings.keys()],
    maxBlockLength: MAX_BLOCK_LENGTH,
  };
  readonly lost: Promise<DeviceLost>;
  readonly #executables = new Set<WasmExecutable>();
  readonly #residents = new Set<WasmResident>();
  /** Dropped on close, so that the memory goes even if the device object stays. */
  #arena: Arena | undefined;
  #reportLost: (lost: DeviceLost) => void = () => {};

  constructor(info: DeviceInfo, arena: Arena) {
    this.info = info;
    this.#arena = arena;
    this.lost = new Promise((resolve) => {
      this.#reportLost = resolve;
    });
  }

  async load(program: Program): Promise<Executable> {
    const executable = new WasmExecutable(this.#openArena("load"), () => {
      this.#executables.delete(executable);
    });
    this.#executables.add(executable);
    try {
      for (const entry of program.entries) await executable.prepare(entry);
    } catch (error) {
      executable.dispose();
      throw error;
    }
    return executable;
  }

  async upload(columns: Columns): Promise<Resident> {
    const resident = new WasmResident(this.#openArena("upload"), columns, () => {
      this.#residents.delete(resident);
    });
    this.#residents.add(resident);
    return resident;
  }

  /** Blocks, residents, tables and workspaces alive now; a closed device holds none. */
  async memory(): Promise<MemoryUse> {
    return this.#arena?.use() ?? { bytes: 0, allocations: 0 };
  }

  async close(): Promise<void> {
    if (this.#arena === undefined) return;
    for (const executable of [...this.#executables]) executable.closeWithDevice();
    for (const resident of [...this.#residents]) resident.dispose();
    this.#arena = undefined;
    this.#reportLost({ reason: "The device was closed.", expected: true });
  }

  #openArena(verb: string): Arena {
    if (this.#arena !== undefined) return this.#arena;
    throw new HoneError("DeviceLost", `wasm ${verb}`, "the device was closed. Open another.");
  }
}
