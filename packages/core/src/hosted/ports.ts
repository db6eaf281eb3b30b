/** The two ends of the wire between a hosted device and its worker, free of DOM and node. */
import type { WorkerAddress } from "./worker-address.js";

/** What a worker is started from. */
export interface WorkerSource {
  /** The worker's whole program as the text of a classic script. */
  readonly code: string;
  /** Used instead of `code`: the script's address, for pages whose policy forbids blob workers. */
  readonly url?: WorkerAddress | undefined;
  /** Shown by debuggers and in errors. */
  readonly name: string;
}

/** What moves to the other thread instead of being copied. */
export type Movable = ArrayBuffer | MessagePort;

/** The calling thread's end. One worker stands behind it; spawn.ts makes it. */
export interface WorkerPort {
  /** Sends a copy of `message`; the buffers in `transfer` move instead, and are empty here afterwards. */
  post(message: unknown, transfer: readonly Movable[]): void;
  /** Called once, before anything is posted. `failure` means that the worker will never answer again; its hint says what to do. */
  listen(listeners: WorkerListeners): void;
  /** While held, the worker keeps a Node process alive. No effect in a page. */
  hold(held: boolean): void;
  /** Ends the worker at once, also when it is busy. Resolves when it is gone. */
  terminate(): Promise<void>;
}

/** Who hears of a worker. */
export interface WorkerListeners {
  /** What it has sent. */
  message(message: unknown): void;
  /** It has ended, or cannot be understood; the reason is the end of a sentence. */
  failure(reason: string, more?: { readonly cause?: unknown; readonly hint?: string }): void;
}

/** The worker's end. */
export interface ServerPort {
  /** Sends plain data to the page. */
  post(message: unknown, transfer: readonly Movable[]): void;
  /** Called once, while the worker's script first runs: a page drops messages nobody listens to. */
  listen(message: (message: unknown) => void): void;
}
