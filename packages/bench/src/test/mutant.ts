/** Devices made wrong on purpose. */
import { alteredBackend } from "@hone/conformance/testing";
import type { Backend, Device, Entry, Executable } from "@hone/core/backend";
import { cpu } from "@hone/cpu";

/** A cpu backend with other entries, executables, or another way to load them. */
export function mutant(changes: {
  readonly entry?: (entry: Entry) => Entry;
  readonly executable?: (right: Executable) => Partial<Executable>;
  readonly load?: (right: Device["load"]) => Device["load"];
}): Backend {
  const { load, ...alteration } = changes;
  const altered = alteredBackend(cpu({ worker: false }), "mutant", alteration);
  if (load === undefined) return altered;
  return alteredBackend(altered, "mutant", { device: (device) => ({ load: load(device.load) }) });
}

/** Calls of training steps, changed. */
export const withCalls = (change: (calls: Entry["calls"]) => Entry["calls"]): Backend =>
  mutant({ entry: (entry) => ({ ...entry, calls: change(entry.calls) }) });
