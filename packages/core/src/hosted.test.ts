import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import type { Backend, Device, Executable } from "./backend.js";
import { isHoneError } from "./errors.js";
import { toyBackend } from "./hosted/test/toy-backend.js";
import main from "./hosted/test/toy-main.ts?worker-text";
import { hostedToy, toyProgram } from "./hosted/test/toy-program.js";
import code from "./hosted/test/toy-worker.ts?worker-text";
import { hosted, progressOf, spawnWorker, type WorkerPort, workerPort } from "./hosted.js";
import { patientDevice } from "./run/patient-device.js";

const LONGER_THAN_ANY_TEST_MS = 3_600_000;

const devices: Device[] = [];

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()));
});

async function open(backend: Backend = hostedToy(code)): Promise<Device> {
  const device = await backend.open();
  devices.push(device);
  return device;
}

async function load(spinMs?: number): Promise<{ device: Device; executable: Executable }> {
  const device = await open();
  return { device, executable: await device.load(toyProgram(spinMs)) };
}

async function caught(promise: Promise<unknown>): Promise<Error & { readonly kind?: string }> {
  return promise.then(
    () => {
      throw new Error("it did not throw");
    },
    (error) => error,
  );
}

/** A hosted toy whose worker the test can end behind the device's back. */
async function killable(): Promise<{ device: Device; port: WorkerPort }> {
  const ports: WorkerPort[] = [];
  const spawn = () => {
    const port = spawnWorker({ code, name: "toy" });
    ports.push(port);
    return port;
  };
  const device = await open(hosted({ name: "toy", spawn }));
  return { device, port: ports[0] as WorkerPort };
}

test("a hosted backend computes the same bits as the backend itself", async () => {
  const results = [];
  for (const backend of [toyBackend(), hostedToy(code)]) {
    const device = await open(backend);
    const executable = await device.load(toyProgram());
    executable.write("x", Float32Array.from([1, -2, 3e-39, 4, Number.NaN, -0, 1e38, 8]));
    executable.run("Accumulate", { first: 3, steps: 100 });
    const [x] = await executable.read(["x"]);
    results.push({
      bits: new Uint32Array((x as Float32Array).buffer),
      info: device.info,
      target: device.target,
    });
  }
  expect(results[1]).toEqual(results[0]);
});

test("write copies, so that the caller may reuse its array at once", async () => {
  const { executable } = await load();
  const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  executable.write("x", data);
  data.fill(0);
  expect(await executable.read(["x"])).toEqual([Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)]);
  expect(data.byteLength).toBe(32);
});

test("write takes a view, a Node Buffer and shared memory, and sends only what they show", async () => {
  const { executable } = await load();
  executable.write("x", new Float32Array(1000).fill(7).subarray(500, 508));
  executable.write("x", Buffer.from([1, 2]));
  const shared = new Float32Array(new SharedArrayBuffer(4)).fill(9);
  executable.write("x", shared);
  shared.fill(0);
  expect(await executable.read(["x"])).toEqual([Float32Array.of(9, 2, 7, 7, 7, 7, 7, 7)]);
});

test("reads made together are one snapshot, and a later run changes no array already read", async () => {
  const { executable } = await load();
  executable.run("Accumulate", { first: 0, steps: 5 });
  const first = executable.read(["x"]);
  const second = executable.read(["x", "x"]);
  executable.run("Accumulate", { first: 5, steps: 5 });
  const third = executable.read(["x"]);
  const [[a], [b, c], [d]] = await Promise.all([first, second, third]);
  expect(b).toEqual(a);
  expect(c).toEqual(a);
  expect(d).not.toEqual(a);
});

test("run returns at once while the worker computes", async () => {
  const { executable } = await load(300);
  executable.run("Spin", { first: 0, steps: 1 });
  let computed = false;
  const sync = executable.sync().then(() => {
    computed = true;
  });
  // Had it computed already, the answer would be here before a second timer fires.
  for (const _ of [1, 2]) await new Promise((resolve) => setTimeout(resolve));
  expect(computed).toBe(false);
  await sync;
});

test("an uploaded column can be bound, and its memory shows until it is disposed", async () => {
  const { device, executable } = await load();
  const loaded = await device.memory();
  expect(loaded).toEqual({ bytes: 32, allocations: 1 });
  const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const resident = await device.upload({ x: { data, rowLength: 2 } });
  expect(resident.rows).toBe(4);
  expect(data.byteLength).toBe(32);
  expect(await device.memory()).toEqual({ bytes: 64, allocations: 2 });
  executable.bind("x", resident);
  expect(await executable.read(["x"])).toEqual([data]);
  resident.dispose();
  expect(await device.memory()).toEqual(loaded);
  executable.dispose();
});

test("an upload that is not wanted any more is not waited for, and gives its memory back", async () => {
  const device = await open();
  const before = await device.memory();
  const columns = { late: { data: new Float32Array(8), rowLength: 1 } };
  const ending = new AbortController();
  const uploading = device.upload(columns, { signal: ending.signal });
  const memory = device.memory();
  ending.abort();
  await expect(uploading).rejects.toMatchObject({
    kind: "Aborted",
    message: expect.stringMatching(/^\[hone\] toy: /),
  });
  expect(await memory).not.toEqual(before);
  await vi.waitFor(async () => expect(await device.memory()).toEqual(before));
});

test("a large column is copied in turns with other tasks, and arrives whole", async () => {
  const { device, executable } = await load();
  const data = Float32Array.from({ length: 3 << 20 }, (_, index) => index);
  executable.bind("x", await device.upload({ x: { data, rowLength: 1 } }));
  const [read] = await executable.read(["x"]);
  expect(read?.length).toBe(data.length);
  expect(read?.every((value, index) => value === index)).toBe(true);
  let turns = 0;
  const counting = setInterval(() => turns++);
  const fill = new Uint8Array(128 << 20);
  (await device.upload({ x: { data: fill, rowLength: 1 } })).dispose();
  clearInterval(counting);
  expect(turns).toBeGreaterThan(0);
});

test("upload takes shared memory as it is", async () => {
  const { device, executable } = await load();
  const data = new Float32Array(new SharedArrayBuffer(32)).fill(3);
  executable.bind("x", await device.upload({ x: { data, rowLength: 1 } }));
  expect(await executable.read(["x"])).toEqual([new Float32Array(8).fill(3)]);
});

test("a Hone error crosses with its kind, message and causes, once", async () => {
  const { executable } = await load();
  executable.run("Fail", { first: 0, steps: 1 });
  const error = await caught(executable.sync());
  expect(isHoneError(error, "BadData")).toBe(true);
  expect(error.message).toBe("[hone] toy: a step failed. Give it better data.");
  expect(error.cause).toMatchObject({
    name: "RangeError",
    message: "the cause",
    cause: "its own cause",
  });
  expect(error.stack).toContain("toy");
  await expect(executable.sync()).resolves.toBeUndefined();
});

test("any other error crosses with its name and message", async () => {
  const { executable } = await load();
  executable.run("Throw", { first: 0, steps: 1 });
  const error = await caught(executable.read(["x"]));
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "TypeError", message: "a plain error" });
});

test("what goes wrong in a write is thrown by the next read, and nothing happens in between", async () => {
  const { executable } = await load();
  executable.write("y", new Float32Array(8));
  executable.write("z", new Float32Array(8));
  executable.write("x", new Float32Array(8).fill(1));
  const error = await caught(executable.read(["x"]));
  expect(error).toMatchObject({ kind: "BadArgument" });
  expect(error.message).toContain('no buffer is called "y"');
  expect(await executable.read(["x"])).toEqual([new Float32Array(8)]);
});

test("a data set of another device, or one disposed, cannot be bound", async () => {
  const { device, executable } = await load();
  const columns = { x: { data: new Float32Array(8), rowLength: 1 } };
  executable.bind("x", await (await open()).upload(columns));
  const foreign = await caught(executable.sync());
  expect(foreign).toMatchObject({ kind: "BadArgument" });
  expect(foreign.message).toContain('bind "x"');
  const resident = await device.upload(columns);
  resident.dispose();
  resident.dispose();
  executable.bind("x", resident);
  expect(await caught(executable.sync())).toMatchObject({ kind: "BadData" });
});

test("an executable that was disposed refuses to read, and frees its memory", async () => {
  const { device, executable } = await load();
  executable.dispose();
  executable.dispose();
  executable.run("Accumulate", { first: 0, steps: 1 });
  executable.write("x", new Float32Array(8));
  expect(await caught(executable.read(["x"]))).toMatchObject({ kind: "BadArgument" });
  expect(await caught(executable.sync())).toMatchObject({ kind: "BadArgument" });
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test.each([
  ["an error", "ThrowOutside", "thrown where nobody catches"],
  ["a rejection", "RejectOutside", "rejected where nobody catches"],
])(
  "%s that nobody catches ends the worker, and the device is lost with its message",
  async (_title, op, reason) => {
    const { device, executable } = await load();
    executable.run(op, { first: 0, steps: 1 });
    expect(await device.lost).toEqual({ reason: `its worker threw: ${reason}`, expected: false });
    const error = await caught(executable.read(["x"]));
    expect(error).toMatchObject({ kind: "DeviceLost" });
    expect(error.message).toContain(reason);
    expect(error.cause).toBeInstanceOf(Error);
    expect(() => executable.run("Accumulate", { first: 0, steps: 1 })).not.toThrow();
    await device.close();
  },
);

test("a worker killed in mid-read loses the device and rejects all that was pending", async () => {
  const { device, port } = await killable();
  const executable = await device.load(toyProgram(60_000));
  executable.run("Spin", { first: 0, steps: 1 });
  const pending = [executable.read(["x"]), executable.sync(), device.memory()].map(caught);
  await port.terminate();
  for (const error of await Promise.all(pending))
    expect(error).toMatchObject({ kind: "DeviceLost" });
  expect(await device.lost).toMatchObject({ expected: false });
});

test("close ends a busy worker without waiting for it", async () => {
  const { device, executable } = await load(LONGER_THAN_ANY_TEST_MS);
  executable.run("Spin", { first: 0, steps: 1 });
  const pending = caught(executable.sync());
  await device.close();
  expect(await pending).toMatchObject({ kind: "DeviceLost" });
  expect(await device.lost).toMatchObject({ expected: true });
});

test("close closes the served device, may be called twice, and later calls are refused", async () => {
  const { device, executable } = await load();
  await Promise.all([device.close(), device.close()]);
  await device.close();
  expect(await device.lost).toEqual({ reason: "the toy was closed", expected: true });
  expect(await caught(executable.sync())).toMatchObject({ kind: "DeviceLost" });
  expect(await caught(device.memory())).toMatchObject({ kind: "DeviceLost" });
});

test("probe asks a worker and ends it, or asks the function that was given", async () => {
  const ended = vi.fn();
  const spawn = () => {
    const port = spawnWorker({ code, name: "toy" });
    return { ...port, terminate: () => port.terminate().then(ended) };
  };
  const probed = await hosted({ name: "toy", spawn }).probe();
  expect(probed).toEqual(await toyBackend().probe());
  expect(ended).toHaveBeenCalledOnce();

  const probe = async () => ({ ok: false, reason: "no", hint: "yes" }) as const;
  expect(await hosted({ name: "toy", spawn, probe }).probe()).toEqual(await probe());
  expect(ended).toHaveBeenCalledOnce();
});

test("a worker that cannot start is a probe that says why, and BackendUnavailable on open", async () => {
  const spawns = [
    () => spawnWorker({ code: "throw new Error('no such engine.')", name: "toy" }),
    () => {
      throw new Error("no such engine");
    },
  ];
  for (const spawn of spawns) {
    const backend = hosted({ name: "toy", spawn });
    expect(await backend.probe()).toMatchObject({
      ok: false,
      reason: expect.stringContaining("no such engine"),
    });
    const error = await caught(backend.open());
    expect(error).toMatchObject({ kind: "BackendUnavailable" });
    expect(error.message).toContain("no such engine");
  }
});

test("a backend that cannot be opened in its worker says the same as without one", async () => {
  const backend = hostedToy(code, "toy-missing");
  expect(await backend.probe()).toEqual(await toyBackend("toy-missing").probe());
  const error = await caught(backend.open());
  expect(error).toMatchObject({
    kind: "BackendUnavailable",
    message: "[hone] toy-missing: there is no such toy. Buy one.",
  });
});

test("workerPort is refused outside of a worker", () => {
  // The tests run in a process of their own, whose main thread this is.
  expect(() => workerPort()).toThrow("outside of a worker");
});

test.each([
  ["an idle device keeps no process alive", "idle"],
  ["a process waits for a reply it awaits", "awaited"],
  ["a process does not wait for a run whose end nobody awaits", "busy"],
])("%s", async (_title, mode) => {
  const child = await promisify(execFile)(process.execPath, ["-e", main, mode], {
    timeout: 20_000,
  });
  expect(child).toEqual({ stdout: "last line\n", stderr: "" });
});

test("a worker tells that it gets on, so that patience ends with one long step and not with many", async () => {
  const { device, executable } = await load(50);
  const patient = patientDevice(device, { patienceMs: 800 });
  const working = await patient.load(toyProgram(50));
  working.run("Spin", { first: 0, steps: 60 });
  const before = progressOf(device) ?? 0;
  await working.sync();
  expect((progressOf(device) ?? 0) - before).toBeGreaterThan(5);
  executable.run("Accumulate", { first: 0, steps: 9 });
  executable.run("Accumulate", { first: 9, steps: 9 });
  const [inPieces] = await executable.read(["x"]);
  const other = await load();
  other.executable.run("Accumulate", { first: 0, steps: 18 });
  expect(await other.executable.read(["x"])).toEqual([inPieces]);
  const long = await patient.load(toyProgram(LONGER_THAN_ANY_TEST_MS));
  long.run("Spin", { first: 0, steps: 1 });
  await expect(long.sync()).rejects.toThrow("it gave no answer for 0.8 s");
});
