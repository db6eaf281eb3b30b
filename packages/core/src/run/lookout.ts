/**
 * A device may know of a better one: `fastest` gives the first that works and goes on measuring. Sessions on such a device
 * tell it of their work, and it moves those for which that pays.
 */
import type { Device } from "../backend.js";
import type { Home } from "./home.js";
import type { SessionKeeping } from "./session-keeping.js";
import type { TrainingRun } from "./training-run.js";

export const lookout = Symbol("lookout");

export interface Lookout {
  /** Told again and again of a session's work, in the middle of it; returns at once. */
  looked(worker: Worker): void;
}

/** A session's state, as a lookout sees it. */
export interface Worker {
  readonly home: Pick<Home, "device">;
  readonly isClosed: boolean;
  /** The training under way. */
  readonly run: TrainingRun | undefined;
  /** The last thing it learned from was a single batch. */
  readonly takesBatches: boolean;
  /** How it comes to rest, and goes elsewhere. */
  kept(): Promise<SessionKeeping>;
}

export function lookoutOf(device: Device): Lookout | undefined {
  return (device as { readonly [lookout]?: Lookout })[lookout];
}
