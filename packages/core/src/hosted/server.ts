/**
 * The worker's side: obeys a hosted device's messages on the real one.
 *
 * Every message calls the real device in the same turn in which it arrives, so calls keep the order
 * in which the client made them; replies may overtake each other.
 */
import type { Backend, Device, Executable, Resident, TypedArray } from "../backend.js";
import { HoneError, invariant } from "../errors.js";
import { errorData } from "./error-data.js";
import { movableOf, type WatchThread } from "./lifeline.js";
import { LongRuns } from "./long-runs.js";
import type { ServerPort } from "./ports.js";
import { progressOf } from "./progress.js";
import {
  type FromWorker,
  foreign,
  type Order,
  type Request,
  type Results,
  type ToWorker,
} from "./protocol.js";

/**
 * Answers for `backend` on `port`, for as long as the worker lives. One worker holds one device.
 * A function makes the backend from the `settings` that were given to `hosted`; it is also given what watches over
 * further threads that the device starts.
 *
 * Call it while the worker's script first runs, not after an `await`: a page drops messages that
 * arrive before somebody listens.
 */
export function serve<Settings = undefined>(
  backend: Backend | ((settings: Settings, watchThread: WatchThread) => Backend),
  port: ServerPort,
): void {
  const make = typeof backend === "function" ? backend : () => backend;
  const watchThread: WatchThread = (lifeline) =>
    port.post({ lifeline } satisfies FromWorker, movableOf(lifeline));
  // Settings cross as they were given: the two ends are one adapter's.
  const server = new Server(
    (settings) => make(settings as Settings, watchThread),
    (lost) => port.post({ lost } satisfies FromWorker, []),
    () => port.post({ progress: true } satisfies FromWorker, []),
  );
  port.listen((message) => {
    const received = message as ToWorker;
    if ("order" in received) server.obey(received.order);
    else void reply(server, port, received.id, received.request);
  });
}

const PROGRESS_INTERVAL_MS = 1000;

async function reply(server: Server, port: ServerPort, id: number, request: Request) {
  try {
    const value = await server.answer(request);
    if (request.type === "read") {
      const sendable = (value as Results["read"]).map(sendableArray);
      port.post({ id, value: sendable } satisfies FromWorker, buffersOf(sendable));
    } else {
      port.post({ id, value } satisfies FromWorker, []);
    }
  } catch (error) {
    port.post({ id, error: errorData(error) } satisfies FromWorker, []);
  }
}

class Server {
  readonly #makeBackend: (settings: unknown) => Backend;
  readonly #onLost: (lost: Awaited<Device["lost"]>) => void;
  readonly #onProgress: () => void;
  readonly #runs: LongRuns;
  readonly #executables = new Map<number, Executable>();
  readonly #residents = new Map<number, Resident>();
  /** Data sets on their way that are still wanted. */
  readonly #uploading = new Set<number>();
  /** An order that failed, by executable; later ones do nothing until `read` or `sync` throws it. */
  readonly #failures = new Map<number, { readonly error: unknown }>();
  #opening: Promise<Device> | undefined;
  #device: Device | undefined;

  constructor(
    makeBackend: (settings: unknown) => Backend,
    onLost: (lost: Awaited<Device["lost"]>) => void,
    onProgress: () => void,
  ) {
    this.#makeBackend = makeBackend;
    this.#onLost = onLost;
    this.#onProgress = onProgress;
    this.#runs = new LongRuns(onProgress);
  }

  async answer(request: Request): Promise<Results[keyof Results]> {
    switch (request.type) {
      case "probe":
        return this.#backend(request).probe();
      case "open":
        return this.#open(request);
      case "load": {
        const executable = await this.#openDevice().load(request.program);
        this.#executables.set(request.executable, executable);
        return undefined;
      }
      case "upload":
        return this.#upload(request);
      case "memory":
        return this.#openDevice().memory();
      case "close":
        await this.#device?.close();
        return undefined;
      case "prepare":
        await this.#executable(request.executable).prepare(request.entry);
        return undefined;
      case "read":
        this.#throwFailure(request.executable);
        return this.#executable(request.executable).read(request.buffers);
      case "sync":
        this.#throwFailure(request.executable);
        await this.#executable(request.executable).sync();
        return undefined;
      case "threads":
        return (await this.#executable(request.executable).threads?.()) ?? {};
      case "profile": {
        this.#throwFailure(request.executable);
        const executable = this.#executable(request.executable);
        if (executable.profile) return executable.profile(request.entry, request.range);
        const what = "this device cannot tell what its kernels take. Choose another backend.";
        throw new HoneError("BackendUnavailable", "profile", what);
      }
    }
  }

  obey(order: Order): void {
    if (order.type === "dispose-resident") {
      this.#uploading.delete(order.resident);
      this.#residents.get(order.resident)?.dispose();
      this.#residents.delete(order.resident);
      return;
    }
    if (order.type === "dispose-executable") {
      this.#executable(order.executable).dispose();
      this.#executables.delete(order.executable);
      this.#failures.delete(order.executable);
      return;
    }
    // Memory is given back also while a failure waits.
    if (this.#failures.has(order.executable) && order.type !== "forget") return;
    try {
      this.#command(order);
    } catch (error) {
      if (!this.#failures.has(order.executable)) this.#failures.set(order.executable, { error });
    }
  }

  #command(order: Extract<Order, { readonly type: "bind" | "write" | "run" | "forget" }>): void {
    const executable = this.#executable(order.executable);
    switch (order.type) {
      case "bind":
        executable.bind(order.input, this.#resident(order.input, order.resident));
        return;
      case "write":
        executable.write(order.buffer, order.data);
        return;
      case "run":
        this.#runs.run(executable, order.entry, order.range);
        return;
      case "forget":
        this.#runs.forget(order.entry);
        executable.forget(order.entry);
        return;
    }
  }

  /** @throws BadArgument where the worker's script is another backend's */
  #backend({ backend, settings }: Extract<Request, { readonly backend: string }>): Backend {
    const made = this.#makeBackend(settings);
    if (made.name === backend) return made;
    const what = `workerUrl is the address of the script of ${made.name}. Give that of dist/worker.js of the package of ${backend}.`;
    throw new HoneError("BadArgument", backend, what);
  }

  async #open(request: Extract<Request, { readonly type: "open" }>): Promise<Results["open"]> {
    invariant(this.#opening === undefined, "serve", "a worker was asked for a second device");
    this.#opening = this.#backend(request).open();
    const device = await this.#opening;
    this.#device = device;
    void device.lost.then(this.#onLost);
    watchProgress(device, this.#onProgress);
    return { info: device.info, target: device.target };
  }

  async #upload({ resident: id, columns }: Extract<Request, { readonly type: "upload" }>) {
    this.#uploading.add(id);
    try {
      const resident = await this.#openDevice().upload(columns);
      if (this.#uploading.has(id)) this.#residents.set(id, resident);
      else resident.dispose();
      return { rows: resident.rows };
    } finally {
      this.#uploading.delete(id);
    }
  }

  #openDevice(): Device {
    invariant(this.#device !== undefined, "serve", "a device was used before it was opened");
    return this.#device;
  }

  #executable(id: number): Executable {
    const executable = this.#executables.get(id);
    invariant(executable !== undefined, "serve", `no executable has the id ${id}`);
    return executable;
  }

  #resident(input: string, id: number): Resident {
    const resident = this.#residents.get(id);
    if (resident !== undefined) return resident;
    const where = `bind "${input}"`;
    if (id !== foreign)
      throw new HoneError("BadData", where, "the data set was disposed. Bind another.");
    const what =
      "the data set was uploaded to another device. Upload it to the one that loaded the program.";
    throw new HoneError("BadArgument", where, what);
  }

  #throwFailure(executable: number): void {
    const failure = this.#failures.get(executable);
    if (failure === undefined) return;
    this.#failures.delete(executable);
    throw failure.error;
  }
}

/** Tells every second whether a device that computes by itself got on, for as long as the worker lives. */
function watchProgress(device: Device, tell: () => void): void {
  let known = progressOf(device);
  if (known === undefined) return;
  setInterval(() => {
    const found = progressOf(device);
    if (found !== known) tell();
    known = found;
  }, PROGRESS_INTERVAL_MS);
}

/** The array itself when it can move to the client; else, a view or shared memory, a copy that can. */
function sendableArray(array: TypedArray): TypedArray {
  const whole = array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength;
  return whole ? array : array.slice();
}

/** Each buffer once: transferring one twice is an error. */
function buffersOf(arrays: readonly TypedArray[]): ArrayBuffer[] {
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
}
