/** The device itself, on the thread that computes: in the worker of `wasm()`, or where there is none. */
import {
  type Device,
  type DeviceInfo,
  HostDevice,
  isHoneError,
  type WatchThread,
} from "@hone/core/backend";
import { Arena } from "./arena.js";
import { WasmMachine } from "./machine.js";
import { notStarted } from "./not-started.js";
import { type Gather, Team } from "./team.js";

/** What the calling thread has decided, and the base of the kernels, which it has compiled. It crosses to the worker. */
export interface DeviceSettings {
  readonly info: DeviceInfo;
  /** A build for memory that is, or is not, shared. */
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  /** Operations of an entry from which threads share it; about 150 µs of work unless said. */
  readonly shareFrom?: number | undefined;
  readonly helperUrl?: string | undefined;
}

export interface OpenedDevice {
  readonly device: Device;
  readonly machine: WasmMachine;
}

/**
 * Opens it, for launched entries, with one thread where helpers cannot be started.
 * @param gather used where there are to be several threads
 * @param watchThread is given the lifeline of each helper thread
 * @throws OutOfMemory where there is no memory of that kind; BackendUnavailable where kernels do not start
 */
export async function openDevice(
  settings: DeviceSettings,
  gather: Gather,
  watchThread?: WatchThread,
): Promise<OpenedDevice> {
  const { info, module, shared, shareFrom, helperUrl } = settings;
  try {
    const arena = await Arena.make(module, shared);
    const { threads } = info;
    const team = await (threads > 1
      ? gather(arena, { threads, shareFrom, helperUrl, watchThread })
      : Team.alone(arena));
    const machine = new WasmMachine(info, arena, team);
    return { device: new HostDevice(machine), machine };
  } catch (error) {
    if (isHoneError(error, "OutOfMemory")) throw error;
    if (info.threads === 1) throw notStarted(error);
    const alone = {
      ...info,
      threads: 1,
      description: info.description.replace(/\d+ threads/, "1 thread"),
    };
    return openDevice({ ...settings, info: alone }, gather, watchThread);
  }
}
