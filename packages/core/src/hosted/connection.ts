/**
 * The calling thread's side of the wire: requests with replies, orders without, and how it ends.
 *
 * An unref'd worker whose reply is awaited ends Node with code 13, and a ref'd one keeps an idle
 * process alive: the worker is held exactly while replies are outstanding.
 */
import type { DeviceLost } from "../backend.js";
import { HoneError, isHoneError } from "../errors.js";
import { errorFromData } from "./error-data.js";
import { onThreadEnd } from "./lifeline.js";
import type { WorkerPort } from "./ports.js";
import type { FromWorker, Order, Request, Results, ToWorker } from "./protocol.js";

/** How long `close` waits for a busy worker before it ends it, and then for its end. */
const graceMs = 500;
const endMs = 400;
/** How long a thread's end waits for a better reason: that the worker itself ended, or what it says. */
const reasonMs = 200;

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** How it ended, and what to do about it where that is known. */
interface Ended {
  readonly reason: string;
  readonly cause?: unknown;
  readonly hint?: string;
}

export class Connection {
  /** Resolves when the served device is lost, the worker dies, or `close` is done. */
  readonly lost: Promise<DeviceLost>;
  readonly name: string;
  readonly #port: WorkerPort;
  readonly #pending = new Map<number, Pending>();
  #resolveLost: (lost: DeviceLost) => void = () => {};
  #lastId = 0;
  #received = 0;
  #ended: Ended | undefined;
  #closing: Promise<void> | undefined;

  constructor(name: string, port: WorkerPort) {
    this.name = name;
    this.#port = port;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    port.listen({
      message: (message) => this.#receive(message as FromWorker),
      failure: (reason, more) => this.#fail({ reason, ...more }),
    });
    port.hold(false);
  }

  /** Undefined while the worker lives. */
  get ended(): Ended | undefined {
    return this.#ended;
  }

  /** Messages that have come from the worker. */
  get received(): number {
    return this.#received;
  }

  /** A number no other executable or resident of this connection has. */
  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** @throws what the worker threw; DeviceLost when the worker is gone before it answers. */
  request<Type extends keyof Results>(
    request: Extract<Request, { readonly type: Type }>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Results[Type]> {
    if (this.#closing !== undefined) return Promise.reject(this.#lostError("it was closed"));
    return this.#request(request, transfer) as Promise<Results[Type]>;
  }

  /** Sends what is never answered. To a worker that is gone it is a no-op: the next request throws. */
  order(order: Order, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#ended === undefined && this.#closing === undefined) this.#post({ order }, transfer);
  }

  /** Closes the served device, then ends the worker; without waiting for a worker that stays busy. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the worker at once; without waiting for one that hangs where it cannot be ended. */
  async terminate(reason: string): Promise<void> {
    this.#end({ reason }, true);
    await atMost(endMs, this.#port.terminate());
  }

  async #close(): Promise<void> {
    try {
      await atMost(graceMs, this.#request({ type: "close" }, []));
    } catch (error) {
      // What is already gone needs no closing.
      if (!isHoneError(error, "DeviceLost")) throw error;
    } finally {
      await this.terminate("it was closed");
    }
  }

  #request(request: Request, transfer: readonly ArrayBuffer[]): Promise<unknown> {
    const ended = this.#ended;
    if (ended !== undefined) return Promise.reject(this.#lostError(ended.reason, ended.cause));
    const id = this.newId();
    return new Promise((resolve, reject) => {
      this.#post({ id, request }, transfer);
      this.#pending.set(id, { resolve, reject });
      if (this.#pending.size === 1) this.#port.hold(true);
    });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[]): void {
    this.#port.post(message, transfer);
  }

  #receive(message: FromWorker): void {
    this.#received++;
    if ("progress" in message) return;
    if ("lost" in message) {
      // What a lost device still holds is of no use, and what it would answer not to be waited for.
      if (message.lost.expected) this.#resolveLost(message.lost);
      else this.#fail({ reason: message.lost.reason });
      return;
    }
    if ("lifeline" in message) {
      onThreadEnd(message.lifeline, () => {
        setTimeout(() => this.#fail({ reason: "a helper thread ended" }), reasonMs);
      });
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    if (this.#pending.size === 0) this.#port.hold(false);
    if ("error" in message) pending.reject(errorFromData(message.error));
    else pending.resolve(message.value);
  }

  #fail(ended: Ended): void {
    // A worker that was told to end reports its exit too.
    if (this.#ended !== undefined) return;
    this.#end(ended, this.#closing !== undefined);
    // In a page a worker outlives its errors; what it would answer now is not to be trusted.
    void this.#port.terminate();
  }

  #end(ended: Ended, expected: boolean): void {
    if (this.#ended !== undefined) return;
    const { reason, cause } = ended;
    this.#ended = ended;
    this.#resolveLost({ reason, expected });
    for (const pending of this.#pending.values()) pending.reject(this.#lostError(reason, cause));
    this.#pending.clear();
    this.#port.hold(false);
  }

  #lostError(reason: string, cause?: unknown): HoneError {
    const what = `the device is gone: ${reason}. Open the backend again.`;
    return new HoneError("DeviceLost", this.name, what, cause === undefined ? {} : { cause });
  }
}

/** Resolves with the promise, or when the time is over. @throws as the promise does before that */
async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([promise, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
