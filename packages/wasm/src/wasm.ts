/** The wasm backend over kernels from anywhere: in a worker, or on the calling thread. */
import {
  type Backend,
  type Device,
  HoneError,
  hosted,
  isBoolean,
  isHoneError,
  isWorkerAddress,
  lowersFirst,
  type Option,
  spawnWorker,
  type WorkerAddress,
  type WorkerPort,
} from "@hone/core/hosted";
import { type Choice, canBlockHere, choose, infoOf, isAbsent, probe } from "./choice.js";
import type { DeviceSettings } from "./device.js";
import { type LaunchTarget, launches } from "./launches.js";
import { bytesOf, type KernelSource, moduleOf } from "./module.js";
import type { Gather } from "./team.js";

/** The options of `wasm`, wherever its kernels come from. */
export interface WasmDeviceOptions {
  /** False computes on the calling thread, for tests and tiny programs; in a page, on that one alone. */
  readonly worker?: boolean;
  /**
   * The address of the worker's script (dist/worker.js of this package), for pages whose policy forbids blob workers;
   * where a page demands Trusted Types, a TrustedScriptURL will do as well.
   */
  readonly workerUrl?: WorkerAddress;
  /**
   * Threads that may compute: as many as there are processors, at most 8, unless said; a step runs on as many of them
   * as prove fastest. Where memory cannot be shared (a page that is not cross-origin isolated) it is 1, and `probe`
   * says so.
   */
  readonly threads?: number;
  /** False keeps to arithmetic without fused multiply-add: slower, and the same bits on every machine. */
  readonly relaxed?: boolean;
  /**
   * Operations of an entry (a training step, a prediction) from which threads share it; smaller ones
   * are not worth waking them for. 8e6 unless said; 0 shares everything.
   */
  readonly shareFrom?: number;
  /** False keeps to memory that is not shared, and so to one thread. */
  readonly shared?: boolean;
}

/** What an option may be, by name. */
export const knownOptions: Readonly<Record<keyof WasmDeviceOptions, Option>> = {
  worker: { is: isBoolean, wanted: "true or false" },
  workerUrl: { is: isWorkerAddress, wanted: "an address" },
  threads: {
    is: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64,
    wanted: "a whole number from 1 to 64, or leave it out",
  },
  relaxed: { is: isBoolean, wanted: "true or false" },
  shareFrom: { is: (value) => typeof value === "number" && value >= 0, wanted: "a number from 0" },
  shared: { is: isBoolean, wanted: "true or false" },
};

/** Gives the program of the worker that serves a device of so many threads. */
export type WorkerText = (threads: number) => Promise<string>;

/** @throws BadArgument when `workerUrl` is no address */
export function wasmFrom(
  source: KernelSource,
  textOf: WorkerText,
  options: WasmDeviceOptions,
): Backend {
  const { worker = true, workerUrl: url, shareFrom, ...wishes } = options;
  const helperUrl = url === undefined ? undefined : absolute("workerUrl", url);
  const mayBlock = worker || canBlockHere();

  const settingsFor = async (choice: Choice): Promise<DeviceSettings> => ({
    info: infoOf(choice),
    module: await moduleOf(source, choice),
    shared: choice.shared,
    shareFrom,
    helperUrl,
  });
  const forEntries = (
    device: Device,
    { shared, ...build }: Choice,
    install: LaunchTarget["install"],
  ) =>
    lowersFirst(
      device,
      launches({
        shared,
        install,
        bytesOf: (family) => bytesOf(source, { shared, ...build }, family),
      }),
    );
  const openHere = async (choice: Choice): Promise<Device> => {
    // Late, and side by side: most pages compute in a worker, whose text holds all this once more.
    const [{ openDevice }, settings] = await Promise.all([
      import("./device.js"),
      settingsFor(choice),
    ]);
    const gather: Gather = async (arena, team) =>
      (await import("./shared-team.js")).SharedTeam.gather(arena, team);
    const { device, machine } = await openDevice(settings, gather);
    return forEntries(device, choice, (family) => machine.installLater(family));
  };
  const openThere = async (choice: Choice, signal: AbortSignal | undefined) => {
    let port: WorkerPort | undefined;
    const device = await hosted({
      name: "wasm",
      settings: () => settingsFor(choice),
      spawn: async () => {
        const code = url === undefined ? await textOf(choice.threads) : "";
        port = spawnWorker({ code, url, name: "wasm" });
        return port;
      },
      local: () => openHere({ ...choice, shared: false, threads: 1 }),
    }).open({ signal });
    return forEntries(device, choice, (kernels) => port?.post({ kernels }, []));
  };

  return {
    name: "wasm",
    specVersion: 1,
    probe: async () => probe(wishes, mayBlock),
    async open({ signal } = {}) {
      if (isAbsent()) {
        const { reason, hint } = (await import("./choice-words.js")).absence();
        throw new HoneError("BackendUnavailable", "wasm", `${reason}. ${hint}`);
      }
      const choice = choose(wishes, mayBlock);
      const openChosen = worker ? openThere : openHere;
      try {
        return await openChosen(choice, signal);
      } catch (error) {
        const mayDoAlone = choice.shared && wishes.shared !== true;
        if (!mayDoAlone || !isHoneError(error, "OutOfMemory")) throw error;
        return openChosen({ ...choice, shared: false, threads: 1 }, signal);
      }
    },
  };
}

/**
 * The whole address: a worker's own is another base than the page's.
 * @throws BadArgument when it is none
 */
export function absolute(option: string, address: WorkerAddress): string {
  const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href;
  try {
    return new URL(String(address), base).href;
  } catch (cause) {
    const what = `${option} is "${address}", which is no address here. Give a whole one.`;
    throw new HoneError("BadArgument", "wasm", what, { cause });
  }
}
