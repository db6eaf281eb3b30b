import { availableParallelism } from "node:os";
import type { Backend, Device, TypedArray } from "@hone/core/backend";
import { afterEach, expect, test, vi } from "vitest";
import { features } from "./features.js";
import { wasm } from "./index.js";
import { call, entry, pixels, recurrence, tensor } from "./test/programs.js";

const devices: Device[] = [];

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()));
});

async function open(backend: Backend = wasm({ worker: false })): Promise<Device> {
  const device = await backend.open();
  devices.push(device);
  return device;
}

async function stateAfter(backend: Backend, steps: number): Promise<TypedArray> {
  const device = await open(backend);
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  executable.write(
    "weights",
    Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
  );
  executable.run("step", { first: 0, steps });
  const [state] = await executable.read(["state"]);
  return state as TypedArray;
}

test("a worker computes the same bits as the calling thread, run after run", async () => {
  const here = await stateAfter(wasm({ worker: false }), 50);
  const there = await stateAfter(wasm(), 50);
  const again = await stateAfter(wasm(), 50);
  expect(Math.max(...here)).toBeGreaterThan(0.1);
  expect(there).toEqual(here);
  expect(again).toEqual(here);
});

test("it computes in a worker unless told otherwise", async () => {
  for (const [backend, inWorker] of [
    [wasm({ threads: 1 }), true],
    [wasm({ threads: 1, worker: false }), false],
  ] as const) {
    const device = await open(backend);
    const executable = await device.load(recurrence());
    executable.bind("images", await device.upload({ images: pixels }));
    executable.run("step", { first: 0, steps: 200_000 });
    // What has computed already answers before any timer fires.
    let timerFired = false;
    setTimeout(() => {
      timerFired = true;
    });
    await executable.sync();
    expect(timerFired).toBe(inWorker);
  }
});

test("probe says what the device is, and the one it opens is that very one", async () => {
  const threads = Math.min(availableParallelism(), 8);
  const numerics = features().fused ? "wasm-fused" : "wasm-unfused";
  const expected = { kind: "wasm", numerics, threads };
  const unfused = { numerics: "wasm-unfused", description: "WASM SIMD, 1 thread", threads: 1 };
  for (const [backend, info] of [
    [wasm(), expected],
    [wasm({ worker: false }), expected],
    [wasm({ threads: 3 }), { ...expected, threads: 3 }],
    [wasm({ threads: 1, relaxed: false }), unfused],
    [wasm({ threads: 1, shared: true }), { ...expected, threads: 1 }],
  ] as const) {
    const probed = await backend.probe();
    expect(probed).toMatchObject({ ok: true, info });
    expect(probed).toMatchObject({ info: (await open(backend)).info });
  }
});

test("memory that is not shared leaves one thread", async () => {
  for (const threads of [1, 4]) {
    const probed = await wasm({ threads, shared: false }).probe();
    expect(probed).toMatchObject({ ok: true, info: { threads: 1 } });
  }
});

test.each([0, -1, 1.5, 65, Number.NaN, Number.POSITIVE_INFINITY])(
  "%s threads are refused with what to give instead",
  (threads) => {
    expect(() => wasm({ threads })).toThrow(
      `[hone] wasm: threads is ${threads}. Give a whole number from 1 to 64, or leave it out.`,
    );
  },
);

test("entries share blocks by name, and a block of another size is refused", async () => {
  const device = await open();
  const [a, b, c] = [tensor("a", 3), tensor("b", 3), tensor("c", 3)];
  const executable = await device.load({ entries: [entry("first", [call("Neg", [a], b)])] });
  await executable.prepare(entry("second", [call("Square", [b], c)]));
  executable.write("a", Float32Array.of(1, 2, 3));
  executable.run("first", { first: 0, steps: 1 });
  executable.run("second", { first: 0, steps: 1 });
  expect(await executable.read(["b", "c"])).toEqual([
    Float32Array.of(-1, -2, -3),
    Float32Array.of(1, 4, 9),
  ]);
  const other = entry("third", [call("Neg", [tensor("a", 4)], tensor("d", 4))]);
  await expect(executable.prepare(other)).rejects.toThrow(
    'block "a" has 16 bytes, but is held with 12',
  );
});

test("what goes wrong in write, bind and run is thrown once, by the next read or sync", async () => {
  const device = await open();
  const executable = await device.load(recurrence());
  const narrow = await device.upload({ images: { data: new Uint8Array(9), rowLength: 3 } });
  const floats = await device.upload({ images: { data: new Float32Array(8), rowLength: 8 } });
  const wrong: [() => void, string][] = [
    [() => executable.run("step", { first: 0, steps: 1 }), 'no data set is bound to "images"'],
    [() => executable.run("none", { first: 0, steps: 1 }), "there is no such entry"],
    [() => executable.write("weights", new Float32Array(65)), "65 elements do not fit in 64"],
    [() => executable.write("weights", new Int32Array(2)), "the data a Int32Array"],
    [() => executable.bind("images", narrow), "rows have 3 elements"],
    [() => executable.bind("images", floats), "the column holds float32"],
    [() => executable.bind("labels", floats), 'no prepared entry reads a resident "labels"'],
  ];
  for (const [act, message] of wrong) {
    act();
    await expect(executable.sync()).rejects.toThrow(message);
    await executable.sync();
  }
  await expect(executable.read(["nothing"])).rejects.toThrow("there is no such buffer");
});

test("a disposed data set is not read any more", async () => {
  const device = await open();
  const executable = await device.load(recurrence());
  const resident = await device.upload({ images: pixels });
  executable.bind("images", resident);
  resident.dispose();
  executable.run("step", { first: 0, steps: 1 });
  await expect(executable.sync()).rejects.toThrow('data set bound to "images" was disposed');
});

test("rows that are not in the data set or the order become NaN, integers −1", async () => {
  const device = await open();
  const column = { ...tensor("column", 3), dtype: "float32" as const };
  const labels = { ...tensor("labels"), dtype: "int32" as const };
  const order = { ...tensor("order", 6), dtype: "int32" as const };
  const epochStart = { ...tensor("epochStart", 1), dtype: "int32" as const };
  const picked = tensor("picked", 4, 3);
  const pickedLabels = { ...tensor("pickedLabels", 4), dtype: "int32" as const };
  const attributes = { stride: 4, scale: 2, offset: 1 };
  const calls = [
    call("GatherRows", [column, order, epochStart], picked, attributes),
    call("GatherRows", [labels, order, epochStart], pickedLabels, { ...attributes, offset: 0 }),
  ];
  const executable = await device.load({ entries: [entry("gather", calls, ["column", "labels"])] });
  const data = await device.upload({
    column: { data: Float32Array.from({ length: 15 }, (_, i) => i), rowLength: 3 },
    labels: { data: Uint8Array.of(5, 6, 7, 8, 9).slice(), rowLength: 1 },
  });
  executable.bind("column", data);
  executable.bind("labels", data);
  await expect(executable.sync()).rejects.toThrow("the column holds uint8");
  const integers = await device.upload({
    column: { data: Float32Array.from({ length: 15 }, (_, i) => i), rowLength: 3 },
    labels: { data: Int32Array.of(5, 6, 7, 8, 9), rowLength: 1 },
  });
  executable.bind("column", integers);
  executable.bind("labels", integers);
  executable.write("order", Int32Array.of(4, -1, 5, 0, 2, 1));
  executable.write("epochStart", Int32Array.of(10));
  executable.run("gather", { first: 10, steps: 1 });
  const nan = [Number.NaN, Number.NaN, Number.NaN];
  expect(await executable.read(["picked", "pickedLabels"])).toEqual([
    Float32Array.of(25, 27, 29, ...nan, ...nan, 1, 3, 5),
    Int32Array.of(9, -1, -1, 5),
  ]);
  executable.run("gather", { first: 11, steps: 1 });
  expect(await executable.read(["picked", "pickedLabels"])).toEqual([
    Float32Array.of(13, 15, 17, 7, 9, 11, ...nan, ...nan),
    Int32Array.of(7, 6, -1, -1),
  ]);
  executable.run("gather", { first: 9, steps: 1 });
  expect((await executable.read(["pickedLabels"]))[0]).toEqual(Int32Array.of(-1, -1, -1, -1));
});

test("an op without a kernel is refused by name, and nothing stays behind", async () => {
  const device = await open();
  const strange = entry("strange", [call("Fft", [tensor("a", 100)], tensor("b", 100))]);
  await expect(device.load({ entries: [strange] })).rejects.toThrow('no kernel for op "Fft"');
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("memory counts what is alive, and all of it is freed and used again", async () => {
  const device = await open();
  const sizes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const executable = await device.load(recurrence());
    const resident = await device.upload({ images: pixels });
    sizes.push((await device.memory()).bytes);
    executable.dispose();
    resident.dispose();
    resident.dispose();
    expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
    await expect(executable.sync()).rejects.toThrow("was disposed");
  }
  expect(sizes[0]).toBeGreaterThan(16_000);
  expect(new Set(sizes).size).toBe(1);
});

test("what does not fit is OutOfMemory with the bytes, and the device goes on", async () => {
  const device = await open();
  const huge = Array.from({ length: 5 }, (_, i) =>
    call("Neg", [tensor(`a${i}`, 2 ** 28)], tensor(`b${i}`, 1)),
  );
  const failure = device.load({ entries: [{ ...entry("huge", huge), calls: [] }] });
  await expect(failure).rejects.toThrow(/1073741824 bytes do not fit .* Use a smaller batch size/);
  await expect(failure).rejects.toMatchObject({ kind: "OutOfMemory" });
  // Never touched, so it takes no memory here.
  const data = new Uint8Array(2 ** 32);
  await expect(device.upload({ images: { data, rowLength: 1 } })).rejects.toMatchObject({
    kind: "OutOfMemory",
    message: expect.stringMatching(/^\[hone\] upload column "images": 4294967296 bytes do not fit/),
  });
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
  const executable = await device.load(recurrence());
  await executable.sync();
});

test("closing resolves `lost` as expected, twice is harmless, and later uses say so", async () => {
  const device = await open();
  const executable = await device.load(recurrence());
  await device.close();
  await device.close();
  expect(await device.lost).toMatchObject({ expected: true });
  await expect(executable.sync()).rejects.toThrow("the device was closed");
  await expect(device.load(recurrence())).rejects.toThrow("the device was closed");
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("2,000 steps allocate nothing on the device", async () => {
  const device = await open();
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  executable.run("step", { first: 0, steps: 10 });
  const before = await device.memory();
  executable.run("step", { first: 10, steps: 2_000 });
  await executable.sync();
  expect(await device.memory()).toEqual(before);
});

test("without SIMD the probe says what would help, and open refuses with the same words", async () => {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  try {
    for (const backend of [wasm(), wasm({ worker: false })]) {
      const probed = await backend.probe();
      expect(probed).toMatchObject({ ok: false, reason: "WebAssembly has no SIMD here" });
      expect(probed).toMatchObject({ hint: expect.stringContaining("Safari 16.4") });
    }
    const refused = wasm({ worker: false }).open();
    await expect(refused).rejects.toThrow(
      "[hone] wasm: WebAssembly has no SIMD here. Use Chrome 91",
    );
  } finally {
    vi.restoreAllMocks();
  }
});
