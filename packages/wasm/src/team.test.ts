/** Teams on the calling thread whose helpers end. In a worker, and in mid-run: losses.test.ts of conformance. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { TEAM_BYTES } from "./team-record.js";
import { breakTeam, reasonOf } from "./team-words.js";
import { pixels, recurrence } from "./test/programs.js";

/** A device of three threads that computes here, and its helpers. */
async function opened() {
  const helpers: Worker[] = [];
  const started = (message: unknown) => {
    helpers.push((message as { readonly worker: Worker }).worker);
  };
  subscribe("worker_threads", started);
  const device = await wasm({ worker: false, threads: 3, shareFrom: 0 }).open();
  unsubscribe("worker_threads", started);
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  const ended = helpers.map((helper) => new Promise((resolve) => helper.on("exit", resolve)));
  return { device, executable, helpers, ended };
}

test("a helper that ends between two runs loses the device, and the others end", async () => {
  const { device, executable, helpers, ended } = await opened();
  expect(helpers).toHaveLength(2);
  executable.run("step", { first: 0, steps: 3 });
  await executable.sync();
  void helpers[1]?.terminate();
  expect(await device.lost).toEqual({ reason: "a helper thread ended", expected: false });
  await Promise.all(ended);
  const gone = "the device is gone: a helper thread ended. Open another.";
  executable.run("step", { first: 3, steps: 1 });
  await expect(executable.sync()).rejects.toMatchObject({ kind: "DeviceLost" });
  await expect(executable.read(["x"])).rejects.toThrow(gone);
  await expect(device.load(recurrence())).rejects.toThrow(gone);
  await device.close();
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("a device that is closed has lost no helper", async () => {
  const { device, ended } = await opened();
  await device.close();
  await Promise.all(ended);
  expect(await device.lost).toMatchObject({ expected: true });
});

test("of several reasons the first counts, cut to what there is room for", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  expect(reasonOf(memory, 64)).toBeUndefined();
  breakTeam(memory, 64, `too much: ${"x".repeat(1000)}`);
  breakTeam(memory, 64, "later");
  expect(reasonOf(memory, 64)).toMatch(/^too much: x{200,}$/);
  const after = new Uint8Array(memory.buffer, 64 + TEAM_BYTES, 2000);
  expect(after.every((byte) => byte === 0)).toBe(true);
});
