/** An open device that computes on the calling thread: the owner of all that was made from it. */
import type {
  Columns,
  Device,
  DeviceInfo,
  DeviceLost,
  Executable,
  MemoryUse,
  Resident,
  Target,
} from "../backend.js";
import type { Program } from "../plan/program.js";
import { HostExecutable } from "./host-executable.js";
import type { HostMachine } from "./host-machine.js";
import { HostResident } from "./host-resident.js";
import { lostDevice } from "./misuse.js";

export class HostDevice<Space> implements Device {
  readonly info: DeviceInfo;
  readonly target: Target;
  readonly lost: Promise<DeviceLost>;
  readonly #executables = new Set<HostExecutable<Space>>();
  readonly #residents = new Set<HostResident<Space>>();
  /** Dropped at the end, so that its memory goes even if the device object stays. */
  #machine: HostMachine<Space> | undefined;
  #fate = "";
  #reportLost: (lost: DeviceLost) => void = () => {};

  constructor(machine: HostMachine<Space>) {
    this.info = machine.info;
    this.target = machine.target;
    this.#machine = machine;
    this.lost = new Promise((resolve) => {
      this.#reportLost = resolve;
    });
    machine.onLost?.((reason) => this.#end(`is gone: ${reason}`, { reason, expected: false }));
  }

  async load(program: Program): Promise<Executable> {
    const executable = new HostExecutable(this.#openMachine("load"), () => {
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
    const resident = new HostResident(this.#openMachine("upload"), columns, () => {
      this.#residents.delete(resident);
    });
    this.#residents.add(resident);
    return resident;
  }

  /** What the machine holds now; a device that is gone holds nothing. */
  async memory(): Promise<MemoryUse> {
    return this.#machine?.use() ?? { bytes: 0, allocations: 0 };
  }

  async close(): Promise<void> {
    this.#end("was closed", { reason: "The device was closed.", expected: true });
  }

  #end(fate: string, lost: DeviceLost): void {
    const machine = this.#machine;
    if (machine === undefined) return;
    this.#machine = undefined;
    this.#fate = fate;
    for (const executable of [...this.#executables]) executable.endWithDevice(fate);
    for (const resident of [...this.#residents]) resident.dispose();
    machine.close?.();
    this.#reportLost(lost);
  }

  #openMachine(verb: string): HostMachine<Space> {
    if (this.#machine !== undefined) return this.#machine;
    throw lostDevice(`${this.info.backend} ${verb}`, this.#fate);
  }
}
