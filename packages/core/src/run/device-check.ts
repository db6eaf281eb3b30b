import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";

/** @throws BadArgument for what is no open device, as plain JavaScript may give */
export function checkIsDevice(where: string, given: unknown): asserts given is Device {
  if (typeof (given as Partial<Device> | undefined | null)?.load === "function") return;
  const what =
    "it is given no device. Give what `fastest`, `pickFastest` or a backend's `open` gives.";
  throw new HoneError("BadArgument", where, what);
}
