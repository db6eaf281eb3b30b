/**
 * Real devices that break when they are told to: the worker that is shipped is really ended, spins or traps, the
 * real GPU is destroyed. Only what cannot be provoked is played: an answer withheld, memory refused by a GPU.
 */
import {
  type Backend,
  type Device,
  type Executable,
  HoneError,
  type Progressing,
  progress,
  progressOf,
} from "@hone/core/backend";
import { FUSE, type FuseMessage, type Harm, type HarmMessage } from "./harm.js";
import prelude from "./prelude.ts?worker-text";
import { type AnyWorker, wrapWorkers } from "./wrap-workers.js";

/**
 * How a device may break.
 *
 * * `terminate worker`: its thread is gone at once. `throw in worker`: an error nobody catches ends it.
 * * `spin worker`: an endless loop as soon as it is free. `mute worker`: it computes on, and answers nothing.
 * * `trap wasm`: the next kernel traps. `trap helper`: a helper traps in mid-run, when it next waits for the others.
 * * `end helper`: a helper's thread ends there without a word (Node). `terminate helper`: it is ended between two runs.
 * * `destroy GPU device`: as a driver that was reset.
 * * `refuse allocation`: from now on no memory is given. Where it stands on the calling thread this is played.
 * * `hang sync`: `read`, `sync` and `memory` never settle again. Played.
 */
export type BreakWay =
  | "terminate worker"
  | "throw in worker"
  | "spin worker"
  | "mute worker"
  | "trap wasm"
  | "trap helper"
  | "end helper"
  | "terminate helper"
  | "destroy GPU device"
  | "refuse allocation"
  | "hang sync";

export interface Breakable {
  /** The backend, whose devices can be broken. */
  readonly backend: Backend;
  /**
   * Breaks the device that was opened last, from its next free moment on.
   * @throws BadArgument when none is open, or it has no such part
   */
  breakNow(how: BreakWay): void;
  /** Workers of opened devices, those seen from this thread, that have not ended, or in a page were not told to. */
  workersLeft(): number;
}

interface Parts {
  readonly device: Device;
  readonly worker: AnyWorker | undefined;
  readonly fuse: Int32Array;
  readonly played: Played;
}

/** What the wrapper around a device plays. */
interface Played {
  hangs: boolean;
  refuses: boolean;
}

/** @param right opened through what this gives; without a worker only the GPU can be broken, and what is played */
export function breakable(right: Backend): Breakable {
  let last: Parts | undefined;
  const alive = new Set<AnyWorker>();
  const open = async (): Promise<Device> => {
    let worker: AnyWorker | undefined;
    const fuse = wordOfSharedMemory();
    const device = await oneAtATime(async (over) => {
      const unwrap = wrapWorkers(prelude, (started) => {
        unwrap();
        worker = started;
        alive.add(started);
        onExit(started, () => alive.delete(started));
        started.postMessage({ fuse, helper: false } satisfies FuseMessage);
        over();
      });
      return right.open().finally(unwrap);
    });
    const played: Played = { hangs: false, refuses: false };
    last = { device, worker, fuse, played };
    return playing(device, played);
  };
  return {
    backend: { ...right, open },
    breakNow(how) {
      if (last === undefined) throw cannot(how, "no device was opened");
      breakDevice(last, how);
    },
    workersLeft: () => alive.size,
  };
}

/** The window in which a worker that starts is that of the device being opened. */
let windows: Promise<unknown> = Promise.resolve();

/** Runs a task when those before it have said that they are over, or have ended. */
async function oneAtATime<T>(task: (over: () => void) => Promise<T>): Promise<T> {
  const before = windows;
  let over = () => {};
  windows = new Promise<void>((resolve) => {
    over = resolve;
  });
  await before;
  return task(over).finally(over);
}

function breakDevice({ device, worker, fuse, played }: Parts, how: BreakWay): void {
  const tell = (harm: Harm) => {
    if (worker === undefined) throw cannot(how, "the device has no worker");
    worker.postMessage({ harm } satisfies HarmMessage);
  };
  switch (how) {
    case "terminate worker":
      if (worker === undefined) throw cannot(how, "the device has no worker");
      void worker.terminate();
      return;
    case "spin worker":
      tell("spin");
      return;
    case "mute worker":
      tell("mute");
      return;
    case "throw in worker":
      tell("throw");
      return;
    case "trap wasm":
    case "terminate helper":
      tell(how);
      return;
    case "trap helper":
    case "end helper":
      if (device.info.threads < 2) throw cannot(how, "the device has one thread");
      Atomics.store(fuse, 0, how === "trap helper" ? FUSE.trap : FUSE.exit);
      return;
    case "destroy GPU device": {
      const { gpu } = device as Device & { readonly gpu?: GPUDevice };
      if (gpu) gpu.destroy();
      else tell(how);
      return;
    }
    case "refuse allocation":
      if (worker === undefined) played.refuses = true;
      else tell(how);
      return;
    case "hang sync":
      played.hangs = true;
      return;
  }
}

/** The device, but for what is played. */
function playing(device: Device, played: Played): Device & Progressing {
  const answer = <T>(ask: () => Promise<T>) => (played.hangs ? new Promise<T>(() => {}) : ask());
  const make = <T>(ask: () => Promise<T>) => (played.refuses ? refused<T>(device) : ask());
  const { local } = device;
  return {
    info: device.info,
    target: device.target,
    lost: device.lost,
    load: async (program) => playingExecutable(await make(() => device.load(program))),
    upload: (columns, options) => make(() => device.upload(columns, options)),
    memory: () => answer(() => device.memory()),
    close: () => device.close(),
    ...(local && { local: local.bind(device) }),
    [progress]: () => progressOf(device),
  };

  function playingExecutable(inner: Executable): Executable {
    return {
      prepare: (entry) => make(() => inner.prepare(entry)),
      bind: (input, data) => inner.bind(input, data),
      write: (buffer, data) => inner.write(buffer, data),
      run: (entry, range) => inner.run(entry, range),
      read: (buffers) => answer(() => inner.read(buffers)),
      sync: () => answer(() => inner.sync()),
      forget: (entry) => inner.forget(entry),
      dispose: () => inner.dispose(),
      ...(inner.profile && { profile: inner.profile.bind(inner) }),
      ...(inner.threads && { threads: inner.threads.bind(inner) }),
    };
  }
}

async function refused<T>({ info }: Device): Promise<T> {
  const what = "the device gives no more memory. Use smaller batches, or another backend.";
  throw new HoneError("OutOfMemory", info.backend, what);
}

function wordOfSharedMemory(): Int32Array {
  // A page that is not cross-origin isolated has none, and no helper threads either.
  const shared = typeof SharedArrayBuffer === "function";
  return new Int32Array(shared ? new SharedArrayBuffer(4) : new ArrayBuffer(4));
}

function onExit(worker: AnyWorker, ended: () => void): void {
  const { on, terminate } = worker as AnyWorker & {
    on?(event: "exit", listener: () => void): void;
  };
  if (on) {
    on.call(worker, "exit", ended);
    return;
  }
  worker.terminate = () => {
    terminate.call(worker);
    ended();
  };
}

function cannot(how: BreakWay, why: string): HoneError {
  return new HoneError("BadArgument", `break by "${how}"`, `${why}. Choose another way.`);
}
