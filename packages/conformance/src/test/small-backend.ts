/** Devices with little room, which is refused as a full device does it. */
import type { Backend } from "@hone/core";
import { type Device, type Entry, type Executable, outOfMemory } from "@hone/core/backend";
import { cpu } from "@hone/cpu";
import { alteredBackend } from "../altered-backend.js";

/** Bytes of an entry that grow with its rows. */
export const scratchOf = ({ blocks }: Entry) =>
  blocks.reduce((sum, { name, bytes }) => sum + (name.includes("/scratch") ? bytes : 0), 0);

/** A device that has no room for an entry of more scratch than this; it tells `seen` of each. */
export function small(mostBytes: number, seen: (entry: Entry) => void = () => undefined): Backend {
  const check = (entry: Entry) => {
    seen(entry);
    if (scratchOf(entry) <= mostBytes) return;
    throw outOfMemory(entry.name, { bytes: scratchOf(entry), heldBytes: 0, reason: "it is small" });
  };
  return alteredBackend(cpu({ precision: 64 }), "cpu", {
    entry: (entry) => {
      check(entry);
      return entry;
    },
  });
}

/** The reference with room for so many bytes, data sets among them. */
export async function fullAt(mostBytes: number): Promise<Device> {
  const inner = await cpu({ precision: 64 }).open();
  const room = async (where: string, bytes: number) => {
    const { bytes: heldBytes } = await inner.memory();
    if (heldBytes + bytes <= mostBytes) return;
    throw outOfMemory(where, { bytes, heldBytes, reason: "it is full" });
  };
  /** As if it shared nothing. */
  const bytesOf = ({ blocks }: Entry) => blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  const prepare = async (executable: Executable, entry: Entry) => {
    await room(entry.name, bytesOf(entry));
    await executable.prepare(entry);
  };
  return {
    info: inner.info,
    target: inner.target,
    lost: inner.lost,
    memory: () => inner.memory(),
    close: () => inner.close(),
    upload: async (columns) => {
      const bytes = Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
      await room("upload", bytes);
      return inner.upload(columns);
    },
    load: async (program) => {
      const executable = await inner.load({ entries: [] });
      const made: Executable = {
        prepare: (entry) => prepare(executable, entry),
        bind: (input, data) => executable.bind(input, data),
        write: (buffer, data) => executable.write(buffer, data),
        run: (entry, range) => executable.run(entry, range),
        read: (buffers) => executable.read(buffers),
        sync: () => executable.sync(),
        forget: (entry) => executable.forget(entry),
        dispose: () => executable.dispose(),
      };
      for (const entry of program.entries) await made.prepare(entry);
      return made;
    },
  };
}
