/** Devices made wrong on purpose. */
import type { Backend, Entry, Executable } from "@hone/core/backend";
import { cpu } from "@hone/cpu";

type Load = (program: { readonly entries: readonly Entry[] }) => Promise<Executable>;

/** A cpu backend with other entries, executables, or another way to load them. */
export function mutant(changes: {
  readonly entry?: (entry: Entry) => Entry;
  readonly executable?: (right: Executable) => Partial<Executable>;
  readonly load?: (right: Load) => Load;
}): Backend {
  const right = cpu({ worker: false });
  const { entry: entryOf = (entry) => entry, executable, load = (same) => same } = changes;
  return {
    ...right,
    name: "mutant",
    open: async () => {
      const device = await right.open();
      const changed: Load = async ({ entries }) => {
        const inner = await device.load({ entries: entries.map(entryOf) });
        const same: Executable = {
          prepare: (entry) => inner.prepare(entryOf(entry)),
          bind: (input, data) => inner.bind(input, data),
          write: (buffer, data) => inner.write(buffer, data),
          run: (entry, range) => inner.run(entry, range),
          read: (buffers) => inner.read(buffers),
          sync: () => inner.sync(),
          dispose: () => inner.dispose(),
        };
        return { ...same, ...executable?.(inner) };
      };
      return {
        info: device.info,
        target: device.target,
        lost: device.lost,
        upload: (columns) => device.upload(columns),
        memory: () => device.memory(),
        close: () => device.close(),
        load: load(changed),
      };
    },
  };
}

/** Calls of training steps, changed. */
export const withCalls = (change: (calls: Entry["calls"]) => Entry["calls"]): Backend =>
  mutant({ entry: (entry) => ({ ...entry, calls: change(entry.calls) }) });
