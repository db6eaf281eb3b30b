import { expect, test } from "vitest";
import type { Device, DeviceInfo, Entry } from "../backend.js";
import { type Lowering, lowered } from "./lowered.js";
import { toyBackend } from "./test/toy-backend.js";
import { hostedToy, toyProgram } from "./test/toy-program.js";
import code from "./test/toy-worker.ts?worker-text";

/** Makes every call one that fails, and keeps what it was asked for. */
function noting(lowerings: string[]): Lowering {
  return {
    ops: ["One", "Two"],
    async lower(entry: Entry, { backend }: DeviceInfo) {
      lowerings.push(`${entry.name} for ${backend}`);
      return { ...entry, calls: entry.calls.map((call) => ({ ...call, op: "Fail" })) };
    },
  };
}

test.each([
  ["on the calling thread", () => toyBackend()],
  ["in a worker", () => hostedToy(code)],
])("a device %s loads and prepares what its entries have become", async (_, backend) => {
  const asked: string[] = [];
  const device = await lowered(backend(), async () => noting(asked)).open();
  expect(device.target.ops).toEqual(["One", "Two"]);
  const [entry] = toyProgram().entries as [Entry];
  const executable = await device.load({ entries: [entry] });
  await executable.prepare({ ...entry, name: "further" });
  expect(asked).toEqual([`${entry.name} for toy`, "further for toy"]);
  for (const name of [entry.name, "further"]) {
    executable.run(name, { first: 0, steps: 1 });
    await expect(executable.sync()).rejects.toThrow();
  }
  await device.close();
});

test("what the kernels are loaded from is asked while the device opens, and its failure closes the device", async () => {
  const events: string[] = [];
  let opened: Device | undefined;
  const toy = toyBackend();
  const backend = {
    ...toy,
    open: async () => {
      events.push("opening");
      opened = await toy.open();
      events.push("open");
      return opened;
    },
  };
  const failing = lowered(backend, async () => {
    events.push("loading");
    throw new TypeError("no such file");
  });
  await expect(failing.open()).rejects.toMatchObject({
    kind: "BackendUnavailable",
    message:
      "[hone] toy: its kernels could not be loaded (no such file). Check that the page can reach all files of its bundle.",
  });
  expect(events).toEqual(["loading", "opening", "open"]);
  expect(await opened?.lost).toMatchObject({ expected: true });
});
