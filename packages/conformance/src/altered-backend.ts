/**
 * A backend whose entries, executables or devices are changed on their way: how tests make one that is wrong in one
 * way and right in all others.
 */
import type { Backend, Device, Entry, Executable } from "@hone/core/backend";

export interface Alteration {
  readonly entry?: (entry: Entry) => Entry;
  readonly executable?: (inner: Executable) => Partial<Executable>;
  /** Also of the device that `local` gives. */
  readonly device?: (inner: Device) => Partial<Device>;
}

/** @param name what the altered backend calls itself */
export function alteredBackend(right: Backend, name: string, alteration: Alteration): Backend {
  return {
    ...right,
    name,
    open: async (options) => alteredDevice(await right.open(options), name, alteration),
  };
}

function alteredDevice(device: Device, name: string, alteration: Alteration): Device {
  const entryOf = alteration.entry ?? ((entry) => entry);
  const base: Device = {
    info: { ...device.info, backend: name },
    target: device.target,
    lost: device.lost,
    upload: (columns, options) => device.upload(columns, options),
    memory: () => device.memory(),
    close: () => device.close(),
    load: async ({ entries }) => {
      const inner = await device.load({ entries: entries.map(entryOf) });
      return { ...forwarding(inner, entryOf), ...alteration.executable?.(inner) };
    },
  };
  const { local } = device;
  const found =
    local && once(async () => alteredDevice(await local.call(device), name, alteration));
  return { ...base, ...(found && { local: found }), ...alteration.device?.(device) };
}

function forwarding(inner: Executable, entryOf: (entry: Entry) => Entry): Executable {
  return {
    prepare: (entry) => inner.prepare(entryOf(entry)),
    bind: (input, data) => inner.bind(input, data),
    write: (buffer, data) => inner.write(buffer, data),
    run: (entry, range) => inner.run(entry, range),
    read: (buffers) => inner.read(buffers),
    sync: () => inner.sync(),
    forget: (entry) => inner.forget(entry),
    dispose: () => inner.dispose(),
    ...(inner.profile && { profile: inner.profile.bind(inner) }),
    ...(inner.threads && { threads: inner.threads.bind(inner) }),
  };
}

/** The same promise every time, as `local` must. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
