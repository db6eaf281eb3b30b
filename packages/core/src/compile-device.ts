/** What the ways in ask of a device. */
import { OTHER_VERSION_HINT, otherVersion } from "./adapter/spec-version.js";
import type { Device } from "./backend.js";
import { HoneError } from "./errors.js";

/** @throws BadArgument for no device; BackendUnavailable for one of another version of the contract */
export function checkDevice(device: Device | undefined): void {
  if (typeof device?.load !== "function") {
    const what =
      "there is no device. Give `device`: what `fastest`, `pickFastest` or a backend's `open` gives.";
    throw new HoneError("BadArgument", "compile", what);
  }
  const problem = otherVersion(device.target);
  if (problem === undefined) return;
  const { backend } = device.info;
  throw new HoneError("BackendUnavailable", backend, `${problem}. ${OTHER_VERSION_HINT}`);
}

/** The device on the calling thread, if there is one and it gives the same bits. */
export async function localDevice(device: Device): Promise<Device | undefined> {
  const local = await device.local?.();
  return local?.info.numerics === device.info.numerics ? local : undefined;
}
