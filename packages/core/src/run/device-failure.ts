/** Which failures are a device's. */
import { type ErrorKind, type HoneError, isHoneError } from "../errors.js";

/** Failures that another device may not have; a loss that is NaN may be one. */
const OF_DEVICES: readonly ErrorKind[] = ["DeviceLost", "OutOfMemory", "LacksOp", "Diverged"];

/** Whether it may help to try the same on another device. */
export function isOfDevice(error: unknown): error is HoneError {
  return isHoneError(error) && OF_DEVICES.includes(error.kind);
}
