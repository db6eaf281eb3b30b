/**
 * A backend behind a worker: the same contract, over messages.
 *
 * In a page every backend lives in a worker, so that drawing and clicking never wait for a step; in
 * Node cpu and wasm do. Results equal those of the backend itself, bit by bit.
 */
import { checkAborted } from "./abort.js";
import type { Backend, Device, Probe } from "./backend.js";
import { HoneError, isHoneError } from "./errors.js";
import { hostedDevice } from "./hosted/client.js";
import { Connection } from "./hosted/connection.js";
import type { WorkerPort } from "./hosted/ports.js";
import { workerHint } from "./hosted/spawn.js";
import { messageOf } from "./value-text.js";

export {
  holdLifeline,
  type LifelineEnd,
  makeLifeline,
  movableOf,
  type WatchThread,
} from "./hosted/lifeline.js";
export { type Lowering, loaded, lowered, lowersFirst } from "./hosted/lowered.js";
export type { ServerPort, WorkerListeners, WorkerPort, WorkerSource } from "./hosted/ports.js";
export { type Progressing, progress, progressOf } from "./hosted/progress.js";
export { serve } from "./hosted/server.js";
export { spawnWorker, workerPort } from "./hosted/spawn.js";
export { isWorkerAddress, type WorkerAddress } from "./hosted/worker-address.js";

/** What `hosted` needs to know of a backend. */
export interface HostedOptions {
  readonly name: string;
  /** Starts a worker whose script calls `serve`: `spawnWorker`, or a port of another kind. */
  readonly spawn: () => WorkerPort | Promise<WorkerPort>;
  /**
   * Gives plain data for the worker's `serve`: what its backend is made from. It may fetch it, and the worker starts
   * meanwhile.
   */
  readonly settings?: () => unknown;
  /** Answers on the calling thread. Without it a worker is started to ask, and ended. */
  readonly probe?: () => Promise<Probe>;
  /** Opens a device of the same arithmetic on the calling thread: what `Device.local` gives. */
  readonly local?: () => Promise<Device>;
}

/**
 * The backend that a worker serves. Each device opened has a worker of its own, which `close` ends
 * within about half a second even when it is busy; an idle device keeps no Node process alive.
 *
 * `upload` reads shared memory where it lies: leave it unchanged until the promise resolves.
 */
export function hosted(options: HostedOptions): Backend {
  return {
    name: options.name,
    specVersion: 1,
    probe: () => probe(options),
    open: ({ signal } = {}) => open(options, signal),
  };
}

async function probe(options: HostedOptions): Promise<Probe> {
  try {
    if (options.probe !== undefined) return await options.probe();
    const { connection, settings } = await start(options);
    try {
      const backend = options.name;
      return await connection.request({ type: "probe", backend, settings: await settings });
    } finally {
      await connection.terminate("it was only probed");
    }
  } catch (error) {
    const reason = messageOf(error);
    return { ok: false, reason, hint: workerHint };
  }
}

async function open(options: HostedOptions, signal: AbortSignal | undefined): Promise<Device> {
  checkAborted(signal, options.name);
  const { connection, settings } = await start(options);
  const stop = () => void connection.terminate("it is not wanted any more");
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    const request = { type: "open", backend: options.name, settings: await settings } as const;
    return hostedDevice(connection, await connection.request(request), options.local);
  } catch (cause) {
    await connection.terminate("it could not be opened");
    checkAborted(signal, options.name);
    if (!isHoneError(cause, "DeviceLost")) throw cause;
    const { reason, hint = workerHint } = connection.ended ?? { reason: cause.message };
    const what = `its worker ended before the device was open (${reason}). ${hint}`;
    throw new HoneError("BackendUnavailable", options.name, what, { cause });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The worker, and side by side with it what it will be told. */
async function start(options: HostedOptions) {
  const settings = Promise.resolve(options.settings?.());
  // Whoever awaits it hears of it; till then it is nobody's fault.
  settings.catch(() => {});
  try {
    return { connection: new Connection(options.name, await options.spawn()), settings };
  } catch (cause) {
    if (isHoneError(cause)) throw cause;
    const reason = messageOf(cause);
    const what = `its worker could not be started (${reason}). ${workerHint}`;
    throw new HoneError("BackendUnavailable", options.name, what, { cause });
  }
}
