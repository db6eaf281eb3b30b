/**
 * A device that is given up when it falls silent.
 *
 * A hung driver and a worker in an endless loop break no promise, they only never keep one. Time is
 * counted in slices, each of which must pass with the calling thread free: a machine that was asleep,
 * a debugger or a long task here is no silence of the device, whose answer may lie in the queue.
 */

import type { Device, DeviceInfo, DeviceLost, Executable } from "../backend.js";
import { HoneError } from "../errors.js";
import { progressOf } from "../hosted/progress.js";

export interface PatienceOptions {
  /** Milliseconds of silence after which the device counts as lost; by its kind unless given. */
  readonly patienceMs?: number;
}

/**
 * How long silence may last. Any answer and every step, submit or shader that is done ends it, where a
 * device tells; so the longest honest silence is one step of a large model. A step of MobileNet with 64
 * rows is some 220 GFLOP: seconds on wasm and far less on a GPU, but a minute on a GPU emulated in
 * software on a busy machine, and several in plain JavaScript.
 */
export const PATIENCE_MS: Readonly<Record<DeviceInfo["kind"], number>> = {
  gpu: 60_000,
  wasm: 60_000,
  "software-gpu": 300_000,
  cpu: 600_000,
};

/** Pieces that the patience is counted in. */
const SLICES = 4;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** How long `close` waits for a device that may not answer. */
const CLOSE_LIMIT_MS = 3000;

/**
 * The same device, given up as lost when it is asked something and stays silent for longer than
 * `patienceMs` (up to a quarter more): `lost` resolves, what is pending and all later calls reject with
 * DeviceLost, and the device is closed without being waited for. What it is lost of by itself is told
 * likewise, so that no call of it is ever left pending.
 *
 * Like a worker's reply, an answer that is awaited keeps a Node process alive; an idle device has no timer.
 * @throws BadArgument when `patienceMs` is not above 0
 */
export function patientDevice(device: Device, options: PatienceOptions = {}): Device {
  const patienceMs = options.patienceMs ?? PATIENCE_MS[device.info.kind];
  if (!(typeof patienceMs === "number" && patienceMs > 0)) {
    const what = `patienceMs is ${patienceMs}. Give a number of milliseconds above 0.`;
    throw new HoneError("BadArgument", "patientDevice", what);
  }
  const watch = new Watch(device, patienceMs);
  const { local } = device;
  return {
    info: device.info,
    target: device.target,
    lost: watch.lost,
    load: async (program) =>
      patientExecutable(await watch.answer(() => device.load(program)), watch),
    upload: (columns, options) => watch.answer(() => device.upload(columns, options)),
    memory: () => watch.answer(() => device.memory()),
    close: () => watch.close(),
    ...(local && { local: () => watch.answer(() => local.call(device)) }),
  };
}

function patientExecutable(inner: Executable, watch: Watch): Executable {
  const { profile, threads } = inner;
  return {
    prepare: (entry) => watch.answer(() => inner.prepare(entry)),
    bind(input, data) {
      if (!watch.isOver) inner.bind(input, data);
    },
    write(buffer, data) {
      if (!watch.isOver) inner.write(buffer, data);
    },
    run(entry, range) {
      if (!watch.isOver) inner.run(entry, range);
    },
    read: (buffers) => watch.answer(() => inner.read(buffers)),
    sync: () => watch.answer(() => inner.sync()),
    ...(profile && {
      profile: (entry, range) => watch.answer(() => profile.call(inner, entry, range)),
    }),
    ...(threads && { threads: () => watch.answer(() => threads.call(inner)) }),
    forget(entry) {
      if (!watch.isOver) inner.forget(entry);
    },
    dispose() {
      if (!watch.isOver) inner.dispose();
    },
  };
}

class Watch {
  readonly lost: Promise<DeviceLost>;
  readonly #device: Device;
  readonly #patienceMs: number;
  readonly #waiting = new Set<(error: HoneError) => void>();
  #resolveLost: (lost: DeviceLost) => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silentSlices = 0;
  #wasHeard = false;
  #progress: number | undefined;
  #end: HoneError | undefined;
  #closing: Promise<void> | undefined;

  constructor(device: Device, patienceMs: number) {
    this.#device = device;
    this.#patienceMs = patienceMs;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    void device.lost.then((lost) => {
      this.#stop(lost);
      // Not at once: what the device itself says of the loss is more than what is known here.
      if (this.#waiting.size > 0) setTimeout(() => this.#rejectAll());
    });
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** What `ask` promises; DeviceLost when the device is lost before that comes. */
  answer<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise<T>((resolve, reject) => {
      let asked: Promise<T>;
      try {
        asked = ask();
      } catch (error) {
        reject(error);
        return;
      }
      this.#waiting.add(reject);
      if (this.#timer === undefined) this.#listen();
      asked.then(
        (value) => {
          this.#heard(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#heard(reject);
          reject(error);
        },
      );
    });
  }

  /** Closes the device, and does not wait for ever. */
  close(): Promise<void> {
    const closing = this.#closeDevice();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(CLOSE_LIMIT_MS, this.#patienceMs));
    });
    return Promise.race([closing, limit]).finally(() => {
      clearTimeout(timer);
      this.#lose({ reason: "it was closed", expected: true });
    });
  }

  /** Once: the device may be hanging in it. */
  #closeDevice(): Promise<void> {
    this.#closing ??= (async () => this.#device.close())();
    this.#closing.catch(() => undefined);
    return this.#closing;
  }

  #heard(reject: (error: HoneError) => void): void {
    this.#wasHeard = true;
    this.#waiting.delete(reject);
    if (this.#waiting.size === 0) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** From the first question on until nothing is pending. */
  #listen(): void {
    this.#silentSlices = 0;
    this.#wasHeard = false;
    this.#progress = progressOf(this.#device);
    this.#nextSlice();
  }

  #nextSlice(): void {
    const sliceMs = Math.min(this.#patienceMs / SLICES, LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#endSlice(), sliceMs);
  }

  #endSlice(): void {
    const progress = progressOf(this.#device);
    const gotOn = this.#wasHeard || progress !== this.#progress;
    this.#progress = progress;
    this.#wasHeard = false;
    this.#silentSlices = gotOn ? 0 : this.#silentSlices + 1;
    if (this.#silentSlices < SLICES) {
      this.#nextSlice();
      return;
    }
    this.#lose({
      reason: `it gave no answer for ${this.#patienceMs / 1000} s`,
      expected: false,
    });
    void this.#closeDevice();
  }

  #lose(lost: DeviceLost): void {
    this.#stop(lost);
    this.#rejectAll();
  }

  /** Nothing is asked of the device from now on. */
  #stop(lost: DeviceLost): void {
    if (this.#end) return;
    const reason = lost.reason.replace(/\.$/, "");
    const what = `the device is gone: ${reason}. Open the backend again.`;
    this.#end = new HoneError("DeviceLost", this.#device.info.backend, what);
    this.#rest();
    this.#resolveLost(lost);
  }

  #rejectAll(): void {
    for (const reject of this.#waiting) reject(this.#end as HoneError);
    this.#waiting.clear();
    this.#rest();
  }
}
