/** An open cpu device: the owner of every executable and resident made from it. */
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
import { CpuExecutable } from "./executable.js";
import { kernelFactories } from "./kernels/index.js";
import { MAX_BLOCK_LENGTH } from "./memory.js";
import { CpuResident } from "./resident.js";

export class CpuDevice implements Device {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly lost: Promise<DeviceLost>;
  readonly #executables = new Set<CpuExecutable>();
  readonly #residents = new Set<CpuResident>();
  #reportLost: (lost: DeviceLost) => void = () => {};
  #closed = false;

  constructor(info: DeviceInfo, precision: 32 | 64) {
    this.info = info;
    this.target = {
      alignment: 1,
      precision,
      ops: [...kernelFactories.keys()],
      maxBlockLength: MAX_BLOCK_LENGTH,
    };
    this.lost = new Promise((resolve) => {
      this.#reportLost = resolve;
    });
  }

  async load(program: Program): Promise<Executable> {
    this.#assertOpen("load");
    const executable = new CpuExecutable(this.target.precision, () => {
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
    this.#assertOpen("upload");
    const resident = new CpuResident(columns, () => {
      this.#residents.delete(resident);
    });
    this.#residents.add(resident);
    return resident;
  }

  /** Blocks and residents alive now; a closed device holds none. Kernels' own workspace is not counted. */
  async memory(): Promise<MemoryUse> {
    let bytes = 0;
    let allocations = 0;
    for (const holder of [...this.#executables, ...this.#residents]) {
      const use = holder.memory();
      bytes += use.bytes;
      allocations += use.allocations;
    }
    return { bytes, allocations };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const executable of [...this.#executables]) executable.closeWithDevice();
    for (const resident of [...this.#residents]) resident.dispose();
    this.#reportLost({ reason: "The device was closed.", expected: true });
  }

  #assertOpen(verb: string): void {
    if (!this.#closed) return;
    throw new HoneError("DeviceLost", `cpu ${verb}`, "the device was closed. Open another.");
  }
}
