import { expect, test } from "vitest";
import type { Device } from "../backend.js";
import { hosted } from "../hosted.js";
import { LocalDevice } from "./local-device.js";
import { spawnWorker } from "./spawn.js";
import { toyBackend } from "./test/toy-backend.js";
import { hostedToy, toyProgram } from "./test/toy-program.js";
import code from "./test/toy-worker.ts?worker-text";

const open = () => toyBackend().open();

test("a hosted device has a local one exactly if its backend offers one", async () => {
  const without = await hostedToy(code).open();
  expect(without.local).toBeUndefined();
  const spawn = () => spawnWorker({ code, name: "toy" });
  const device = await hosted({ name: "toy", spawn, local: open }).open();
  const local = (await device.local?.()) as Device;
  expect(await device.local?.()).toBe(local);
  await local.load(toyProgram());
  expect((await local.memory()).bytes).toBe(32);
  expect((await device.memory()).bytes).toBe(0);
  await Promise.all([without.close(), device.close()]);
  expect(await local.lost).toMatchObject({ expected: true });
  await expect(device.local?.()).rejects.toMatchObject({ kind: "DeviceLost" });
});

test("a local device that is still being opened is closed too", async () => {
  let opened: Device | undefined;
  const local = new LocalDevice("toy", async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    opened = await open();
    return opened;
  });
  const opening = local.open();
  await local.close();
  expect(await opening).toBe(opened);
  expect(await opened?.lost).toMatchObject({ expected: true });
});

test("what opening a local device throws is told, and the next call tries again", async () => {
  let tries = 0;
  const local = new LocalDevice("toy", async () => {
    if (++tries === 1) throw new Error("no memory");
    return open();
  });
  await expect(local.open()).rejects.toThrow("no memory");
  expect((await local.open()).info.backend).toBe("toy");
  await local.close();
});
