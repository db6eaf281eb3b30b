/** What is not a loss: memory that is refused, and ways that a device has no part for. Losses: losses.test.ts. */
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { expect, test } from "vitest";
import { countEntry, LENGTH, negateEntry } from "../contract/toy-entries.js";
import { breakable } from "./breakable.js";

const MEGABYTES = 2 ** 18;

test.each([
  ["cpu", () => cpu()],
  ["wasm, 1 thread", () => wasm({ threads: 1 })],
  ["wasm, 3 threads", () => wasm({ threads: 3 })],
  ["webgpu", () => webgpu()],
] as const)(
  "%s: memory that is refused is OutOfMemory, and what is there works on",
  async (_name, make) => {
    const { backend, breakNow } = breakable(make());
    const device = await backend.open();
    const executable = await device.load({ entries: [countEntry(device)] });
    executable.write("counter", new Float32Array(LENGTH).fill(3));
    breakNow("refuse allocation");
    const large = negateEntry(device, "large", 64 * MEGABYTES);
    await expect(device.load({ entries: [large] })).rejects.toMatchObject({ kind: "OutOfMemory" });
    executable.run("count", { first: 0, steps: 1 });
    expect(await executable.read(["counter"])).toEqual([new Float32Array(LENGTH).fill(3)]);
    await device.close();
    expect(await device.lost).toMatchObject({ expected: true });
  },
);

test("a way that a device has no part for is refused", async () => {
  const { backend, breakNow } = breakable(cpu({ worker: false }));
  expect(() => breakNow("spin worker")).toThrow("no device was opened");
  const device = await backend.open();
  expect(() => breakNow("spin worker")).toThrow("the device has no worker");
  expect(() => breakNow("terminate worker")).toThrow("the device has no worker");
  expect(() => breakNow("trap helper")).toThrow("the device has one thread");
  await device.close();
});
