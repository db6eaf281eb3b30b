/**
 * A device may know of a better one: `fastest` gives the first that works and goes on measuring. Sessions on such a device
 * tell it of their work, and it moves those for which that pays.
 */
import type { Device } from "../backend.js";
import type { Moved } from "./records.js";

export const lookout = Symbol("lookout");

export interface Lookout {
  /** Told again and again of a session's work, in the middle of it; returns at once. */
  looked(worker: Worker): void;
}

/** A session, as a lookout sees it. */
export interface Worker {
  /** Where it is. */
  readonly device: Device;
  readonly isClosed: boolean;
  /** Of the training under way: what is left of it, as far as that can be told. Single batches are one too. */
  readonly training: WorkLeft | undefined;
  /** Does a task while the session asks nothing of its device: between two steps, where it trains. */
  atRest<T>(task: () => Promise<T>): Promise<T>;
  moveTo(device: Device, reason: string): Promise<Moved>;
}

/** Undefined where an end is not known. */
export interface WorkLeft {
  readonly steps: number | undefined;
  readonly milliseconds: number | undefined;
}

export function lookoutOf(device: Device): Lookout | undefined {
  return (device as { readonly [lookout]?: Lookout })[lookout];
}
