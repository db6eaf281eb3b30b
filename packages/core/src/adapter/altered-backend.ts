/**
 * A backend whose entries, executables or devices are changed on their way: how tests make one that is wrong in one
 * way and right in all others.
 */
import type { Backend, Device, Entry, Executable } from "../backend.js";

export interface Alteration {
  readonly entry?: (entry: Entry) => Entry;
  readonly executable?: (inner: Executable) => Partial<Executable>;
  readonly device?: (inner: Device) => Partial<Device>;
}

/** @param name what the altered backend calls itself */
export function alteredBackend(right: Backend, name: string, alteration: Alteration): Backend {
  const entryOf = alteration.entry ?? ((entry) => entry);
  return {
    ...right,
    name,
    open: async () => {
      const device = await right.open();
      const base: Device = {
        info: { ...device.info, backend: name },
        target: device.target,
        lost: device.lost,
        upload: (columns) => device.upload(columns),
        memory: () => device.memory(),
        close: () => device.close(),
        load: async ({ entries }) => {
          const inner = await device.load({ entries: entries.map(entryOf) });
          const executable: Executable = {
            prepare: (entry) => inner.prepare(entryOf(entry)),
            bind: (input, data) => inner.bind(input, data),
            write: (buffer, data) => inner.write(buffer, data),
            run: (entry, range) => inner.run(entry, range),
            read: (buffers) => inner.read(buffers),
            sync: () => inner.sync(),
            dispose: () => inner.dispose(),
          };
          return { ...executable, ...alteration.executable?.(inner) };
        },
      };
      return { ...base, ...alteration.device?.(device) };
    },
  };
}
