/** The device itself, on the thread that computes: in the worker of `wasm()`, or where there is none. */
import {
  type Device,
  type DeviceInfo,
  HostDevice,
  isHoneError,
  type WatchThread,
} from "@hone/core/backend";
import { Arena } from "./arena.js";
import type { Lowerings } from "./kernels/lowering.js";
import { WasmMachine } from "./machine.js";
import { notStarted } from "./not-started.js";
import { Team } from "./team.js";
import { WORTH_SHARING } from "./workload.js";

/** What the calling thread has decided, and the kernels it has compiled. It crosses to the worker. */
export interface DeviceSettings {
  readonly info: DeviceInfo;
  /** A build for memory that is, or is not, shared. */
  readonly module: WebAssembly.Module;
  readonly shared: boolean;
  /** Whether the module has only the kernels that predicting needs. */
  readonly onlyPredicts: boolean;
  /** Operations of an entry from which threads share it; about 150 µs of work unless said. */
  readonly shareFrom?: number | undefined;
  readonly helperUrl?: string | undefined;
}

/**
 * Opens it, with one thread where helpers cannot be started.
 * @param lowerings of the ops it has
 * @param watchThread is given the lifeline of each helper thread
 * @throws OutOfMemory where there is no memory of that kind; BackendUnavailable where kernels do not start
 */
export async function openDevice(
  settings: DeviceSettings,
  lowerings: Lowerings,
  watchThread?: WatchThread,
): Promise<Device> {
  const { info, module, shared, shareFrom = WORTH_SHARING, helperUrl } = settings;
  try {
    const arena = await Arena.make(module, shared);
    const { threads } = info;
    const team = await Team.gather(arena, { threads, shareFrom, helperUrl, watchThread });
    return new HostDevice(new WasmMachine(info, arena, team, lowerings));
  } catch (error) {
    if (isHoneError(error, "OutOfMemory")) throw error;
    if (info.threads === 1) throw notStarted(error);
    const alone = {
      ...info,
      threads: 1,
      description: info.description.replace(/\d+ threads/, "1 thread"),
    };
    return openDevice({ ...settings, info: alone }, lowerings, watchThread);
  }
}
