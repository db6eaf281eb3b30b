/**
 * A sign of life that needs no answer: a number that grows while a device gets on with its work.
 *
 * Between two answers may lie minutes of honest work: hundreds of steps enqueued at once, a hundred
 * shaders being compiled. Who waits for an answer can tell them from a device that hangs by this
 * number. It is no part of the contract: a device without it is judged by its answers alone.
 */
import type { Device } from "../backend.js";

/** The key of a device's method that gives the number. Registered, so that copies of this module share it. */
export const progress: unique symbol = Symbol.for("hone.progress") as never;

/** What a device that can tell its progress has beside the contract. */
export interface Progressing {
  /** Grows while the device does something. */
  [progress](): number | undefined;
}

/** Steps, submits, shaders, … that the device has finished, in no certain unit; undefined if it does not say. */
export function progressOf(device: Device): number | undefined {
  return (device as Device & Partial<Progressing>)[progress]?.();
}
