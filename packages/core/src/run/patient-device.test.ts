import { cpu } from "@hone/cpu";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Device, DeviceLost, Entry, MemoryUse } from "../backend.js";
import { type Progressing, progress } from "../hosted/progress.js";
import { PATIENCE_MS, patientDevice } from "./patient-device.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const y = { block: "y", byteOffset: 0, shape: [2], dtype: "float32" } as const;
const entry: Entry = {
  name: "negate",
  blocks: [{ name: "y", kind: "memory", bytes: 8 }],
  buffers: { y },
  constants: [],
  calls: [{ op: "Neg", inputs: [y], outputs: [y], attributes: {} }],
};
const row = { x: { data: Float32Array.of(1), rowLength: 1 } };
const once = { first: 0, steps: 1 };

const never = <T>() => new Promise<T>(() => {});
const opened = () => cpu({ worker: false }).open();

/** A cpu device that answers until it hangs. */
async function hanging() {
  const device = await opened();
  let hangs = false;
  let closings = 0;
  let lose: (lost: DeviceLost) => void = () => {};
  const asked = <T>(ask: () => Promise<T>) => (hangs ? never<T>() : ask());
  const inner: Device = {
    info: device.info,
    target: device.target,
    lost: new Promise((resolve) => {
      lose = resolve;
    }),
    load: (program) =>
      asked(async () => {
        const executable = await device.load(program);
        const { prepare, bind, write, run, read, sync, profile, forget, dispose } = executable;
        return {
          prepare: (one) => asked(() => prepare.call(executable, one)),
          bind: bind.bind(executable),
          write: write.bind(executable),
          run: run.bind(executable),
          read: (names) => asked(() => read.call(executable, names)),
          sync: () => asked(() => sync.call(executable)),
          ...(profile && {
            profile: (name, range) => asked(() => profile.call(executable, name, range)),
          }),
          forget: forget.bind(executable),
          dispose: dispose.bind(executable),
        };
      }),
    upload: (columns) => asked(() => device.upload(columns)),
    memory: () => asked(() => device.memory()),
    close: () => {
      closings++;
      return asked(() => device.close());
    },
    local: () => asked(opened),
  };
  return {
    inner,
    hang: () => {
      hangs = true;
    },
    lose: (lost: DeviceLost) => lose(lost),
    closings: () => closings,
  };
}

const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: { kind?: string; message: string }) => `${error.kind}: ${error.message}`,
  );

const GONE = "DeviceLost: [hone] cpu: the device is gone: ";
const SILENT = `${GONE}it gave no answer for 1 s. Open the backend again.`;

test("a device that answers is the same device", async () => {
  const inner = await opened();
  const device = patientDevice(inner);
  const executable = await device.load({ entries: [entry] });
  executable.write("y", Float32Array.of(1, -2));
  executable.run("negate", once);
  await executable.sync();
  expect(await executable.read(["y"])).toEqual([Float32Array.of(-1, 2)]);
  expect((await executable.profile?.("negate", once))?.[0]?.kernel).toBe("Neg");
  expect((await device.upload(row)).rows).toBe(1);
  expect(await device.memory()).toEqual(await inner.memory());
  expect([device.info, device.target]).toEqual([inner.info, inner.target]);
  executable.forget("negate");
  executable.run("negate", once);
  await expect(executable.sync()).rejects.toThrow("no such entry");
  await expect(executable.read(["z"])).rejects.toMatchObject({ kind: "BadArgument" });
  expect(device.local).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
  await device.close();
  expect(await device.lost).toMatchObject({ expected: true });
  expect(await outcomeOf(executable.sync())).toContain("DeviceLost");
  expect(vi.getTimerCount()).toBe(0);
});

test("every kind of question is given up after the patience, and the device is closed", async () => {
  type Question = (device: Device, it: Awaited<ReturnType<Device["load"]>>) => Promise<unknown>;
  const questions: Question[] = [
    (device) => device.load({ entries: [] }),
    (device) => device.upload(row),
    (device) => device.memory(),
    (device) => device.local?.() ?? Promise.resolve(),
    (_, it) => it.prepare({ ...entry, name: "more" }),
    (_, it) => it.read(["y"]),
    (_, it) => it.sync(),
    (_, it) => it.profile?.("negate", once) ?? Promise.resolve(),
  ];
  for (const question of questions) {
    const { inner, hang, closings } = await hanging();
    const device = patientDevice(inner, { patienceMs: 1000 });
    const executable = await device.load({ entries: [entry] });
    hang();
    let settled = false;
    const outcome = outcomeOf(question(device, executable)).finally(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe(SILENT);
    expect(await device.lost).toEqual({ reason: "it gave no answer for 1 s", expected: false });
    expect(closings()).toBe(1);
    for (const later of questions) expect(await outcomeOf(later(device, executable))).toBe(SILENT);
    executable.run("negate", once);
    executable.write("y", Float32Array.of(1));
    executable.forget("negate");
    executable.dispose();
    const closing = device.close();
    await vi.advanceTimersByTimeAsync(3000);
    await closing;
    expect([closings(), vi.getTimerCount()]).toEqual([1, 0]);
  }
});

test("other answers, and progress, are signs of life", async () => {
  const { inner, hang } = await hanging();
  let steps = 0;
  const memory = () =>
    new Promise<MemoryUse>((resolve) => {
      setTimeout(() => resolve({ bytes: 1, allocations: 1 }), 400);
    });
  const telling: Device & Progressing = { ...inner, memory, [progress]: () => steps };
  const device = patientDevice(telling, { patienceMs: 1000 });
  const executable = await device.load({ entries: [entry] });
  const questioning = async () => {
    for (let time = 0; time < 10; time++) await device.memory();
  };
  hang();
  const outcome = outcomeOf(executable.sync());
  let settled = false;
  void outcome.then(() => {
    settled = true;
  });
  const asked = questioning();
  await vi.advanceTimersByTimeAsync(4000);
  await asked;
  for (let time = 0; time < 10; time++) {
    steps++;
    await vi.advanceTimersByTimeAsync(400);
  }
  expect(settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1250);
  expect(await outcome).toBe(SILENT);
});

test("time in which the calling thread was not free is no silence", async () => {
  vi.useRealTimers();
  const { inner, hang } = await hanging();
  const device = patientDevice(inner, { patienceMs: 80 });
  const executable = await device.load({ entries: [entry] });
  let answer = () => {};
  inner.memory = () =>
    new Promise((resolve) => {
      answer = () => resolve({ bytes: 1, allocations: 1 });
    });
  const asked = outcomeOf(device.memory());
  setTimeout(() => answer(), 100);
  const end = performance.now() + 300;
  while (performance.now() < end);
  expect(await asked).toBe("answered");
  hang();
  expect(await outcomeOf(executable.sync())).toContain("it gave no answer for 0.08 s");
});

test("what a device is lost of by itself settles what it left pending", async () => {
  const { inner, hang, lose } = await hanging();
  const device = patientDevice(inner, { patienceMs: 1000 });
  const executable = await device.load({ entries: [entry] });
  hang();
  const pending = outcomeOf(executable.sync());
  lose({ reason: "the driver was reset.", expected: false });
  await vi.advanceTimersByTimeAsync(1);
  const gone = `${GONE}the driver was reset. Open the backend again.`;
  expect(await pending).toBe(gone);
  expect(await outcomeOf(device.memory())).toBe(gone);
  expect(await device.lost).toEqual({ reason: "the driver was reset.", expected: false });
  expect(vi.getTimerCount()).toBe(0);
});

test("close ends by itself when the device hangs in it, and rejects what is pending", async () => {
  const { inner, hang } = await hanging();
  const device = patientDevice(inner);
  const executable = await device.load({ entries: [entry] });
  hang();
  const pending = outcomeOf(executable.sync());
  const closing = Promise.all([device.close(), device.close()]);
  await vi.advanceTimersByTimeAsync(3000);
  await closing;
  expect(await pending).toBe(`${GONE}it was closed. Open the backend again.`);
  expect(await device.lost).toEqual({ reason: "it was closed", expected: true });
});

test("what close throws is told", async () => {
  const inner = await opened();
  const failing = { ...inner, lost: inner.lost, close: () => Promise.reject(new Error("stuck")) };
  await expect(patientDevice(failing).close()).rejects.toThrow("stuck");
});

test("patience is by kind, may be endless, and is above 0", async () => {
  const { inner, hang } = await hanging();
  expect(PATIENCE_MS.gpu).toBeLessThan(PATIENCE_MS["software-gpu"]);
  const endless = patientDevice(inner, { patienceMs: Number.POSITIVE_INFINITY });
  const byKind = patientDevice(inner);
  hang();
  let settled = false;
  void outcomeOf(endless.memory()).then(() => {
    settled = true;
  });
  const outcome = outcomeOf(byKind.memory());
  await vi.advanceTimersByTimeAsync(PATIENCE_MS.cpu);
  expect(await outcome).toContain("it gave no answer for 600 s");
  expect(settled).toBe(false);
  for (const patienceMs of [0, -1, Number.NaN]) {
    expect(() => patientDevice(inner, { patienceMs })).toThrow(/patienceMs is/);
  }
});
