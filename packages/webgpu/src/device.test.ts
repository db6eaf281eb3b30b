import type { Device, Entry, Executable } from "@hone/core/backend";
import { afterEach, expect, test } from "vitest";
import { directWebgpu } from "./backend.js";
import type { WebgpuDevice } from "./device.js";
import { entryOf, operandOf } from "./test/operands.js";
import { openGpu, useSoftwareDriver } from "./test/run-call.js";

useSoftwareDriver();
const open: Device[] = [];
afterEach(async () => {
  for (const device of open.splice(0)) await device.close();
});

async function opened(): Promise<WebgpuDevice> {
  const device = await openGpu();
  open.push(device);
  return device;
}

const ROWS = 400;

/** Each step writes the value of its row of the column, and `x`, to its row of a ring. */
function recorder(name = "record"): Entry {
  const value = operandOf("value", [1], "int32");
  return entryOf(
    name,
    [
      {
        op: "GatherRows",
        inputs: [operandOf("rows", [], "int32")],
        outputs: [value],
        attributes: { stride: 1, scale: 1, offset: 0 },
      },
      {
        op: "RecordStep",
        inputs: [operandOf("ring", [ROWS, 2]), value, operandOf("x", [1])],
        outputs: [operandOf("ring", [ROWS, 2])],
        attributes: {},
      },
    ],
    ["rows"],
  );
}

function rowsFrom(first: number) {
  const data = Int32Array.from({ length: ROWS }, (_, index) => first + index);
  return { rows: { data, rowLength: 1 } };
}

async function recording(device: Device): Promise<Executable> {
  const executable = await device.load({ entries: [recorder()] });
  executable.bind("rows", await device.upload(rowsFrom(1000)));
  return executable;
}

test("steps are numbered across submits, however they are packed", async () => {
  const executable = await recording(await opened());
  executable.run("record", { first: 3, steps: 150 });
  executable.run("record", { first: 153, steps: 200 });
  const [ring] = await executable.read(["ring"]);
  const values = Array.from({ length: ROWS }, (_, row) => ring?.[row * 2]);
  expect(values).toEqual(
    Array.from({ length: ROWS }, (_, row) => (row >= 3 && row < 353 ? 1000 + row : 0)),
  );
});

test("writes, binds, runs and reads take effect in the order they are called", async () => {
  const device = await opened();
  const executable = await recording(device);
  const other = await device.upload(rowsFrom(5000));
  const x = Float32Array.of(1);
  executable.write("x", x);
  executable.run("record", { first: 0, steps: 100 });
  x[0] = 2;
  executable.write("x", x);
  x[0] = 99;
  executable.run("record", { first: 100, steps: 100 });
  const early = executable.read(["ring", "x"]);
  executable.bind("rows", other);
  executable.write("x", Uint8Array.of(3));
  executable.run("record", { first: 200, steps: 100 });
  other.dispose();
  executable.run("record", { first: 300, steps: 1 });
  await expect(executable.sync()).rejects.toThrow("was disposed");
  const [ring, held] = await early;
  expect([held?.[0], ring?.[199 * 2], ring?.[200 * 2]]).toEqual([2, 1199, 0]);
  const [late] = await executable.read(["ring"]);
  const at = (row: number) => [late?.[row * 2], late?.[row * 2 + 1]];
  expect([at(0), at(99), at(100), at(199)]).toEqual([
    [1000, 1],
    [1099, 1],
    [1100, 2],
    [1199, 2],
  ]);
  expect([at(200), at(299)]).toEqual([
    [5200, 3],
    [5299, 3],
  ]);
});

test("entries prepared later share blocks by name, and other blocks start as zeros or constants", async () => {
  const device = await opened();
  const executable = await recording(device);
  const double: Entry = {
    ...entryOf("double", [
      {
        op: "Multiply",
        inputs: [operandOf("x", [1]), operandOf("two", [1])],
        outputs: [operandOf("doubled", [1])],
        attributes: {},
      },
    ]),
    constants: [{ operand: operandOf("two", [1]), value: Float64Array.of(2) }],
  };
  executable.write("x", Float32Array.of(21));
  await executable.prepare(double);
  expect(await executable.read(["doubled"])).toEqual([Float32Array.of(0)]);
  executable.run("double", { first: 0, steps: 1 });
  expect(await executable.read(["doubled"])).toEqual([Float32Array.of(42)]);
});

test("a block of another size, one larger than the GPU binds and an unknown op are refused", async () => {
  const device = await opened();
  const executable = await recording(device);
  const changed = entryOf("changed", [
    { op: "Abs", inputs: [operandOf("x", [7])], outputs: [operandOf("y", [7])], attributes: {} },
  ]);
  await expect(executable.prepare(changed)).rejects.toThrow(
    'block "x" has 28 bytes, but is held with 4.',
  );
  const long = entryOf("long", []);
  const bytes = device.target.maxBlockBytes + 1;
  await expect(
    executable.prepare({ ...long, blocks: [{ name: "long", kind: "memory", bytes }] }),
  ).rejects.toMatchObject({ kind: "OutOfMemory" });
  const before = await device.memory();
  const unknown = { op: "Unheard", inputs: [], outputs: [operandOf("y", [1])], attributes: {} };
  await expect(executable.prepare(entryOf("unknown", [unknown]))).rejects.toMatchObject({
    kind: "LacksOp",
    message: expect.stringMatching(/the webgpu backend has no kernel for op "Unheard"/),
  });
  expect(await device.memory()).toEqual(before);
});

test("memory that the GPU refuses, and a column larger than it binds, are OutOfMemory", async () => {
  const device = await opened();
  const before = await device.memory();
  // Never touched, so it takes no memory here.
  const data = new Uint8Array(device.target.maxBlockBytes + 1);
  await expect(device.upload({ rows: { data, rowLength: 1 } })).rejects.toMatchObject({
    kind: "OutOfMemory",
    message: expect.stringMatching(/^\[hone\] upload column "rows": it needs \d+ bytes in one/),
  });
  const pop = device.gpu.popErrorScope.bind(device.gpu);
  // The scope for memory is the last that closes, of all that are open.
  device.gpu.popErrorScope = async () => {
    await pop();
    return { message: "no memory" };
  };
  const words = /bytes do not fit beside the \d+ bytes in use: the GPU gives no more memory\./;
  const refused = { kind: "OutOfMemory", message: expect.stringMatching(words) };
  await expect(device.upload(rowsFrom(0))).rejects.toMatchObject(refused);
  expect(await device.memory()).toEqual(before);
});

test("what goes wrong in bind, write and run is thrown by the next read or sync, once", async () => {
  const device = await opened();
  const executable = await device.load({ entries: [recorder()] });
  const faults: [() => void, string][] = [
    [() => executable.run("record", { first: 0, steps: 1 }), 'no data set is bound to "rows"'],
    [() => executable.run("other", { first: 0, steps: 1 }), "no such entry"],
    [() => executable.write("x", new Float32Array(2)), "2 elements do not fit"],
    [() => executable.write("x", new Int32Array(1)), "the data a Int32Array"],
    [
      () => executable.write("nothing", new Float32Array(2)),
      'write "nothing": there is no such buffer among',
    ],
    [() => executable.bind("rows", { rows: 1, dispose: () => {} }), "another device"],
  ];
  for (const [fault, message] of faults) {
    fault();
    await expect(executable.sync()).rejects.toThrow(message);
    await executable.sync();
  }
  const bytes = await device.upload({ rows: { data: new Uint8Array(8), rowLength: 2 } });
  executable.bind("rows", bytes);
  await expect(executable.sync()).rejects.toThrow("its rows have 2 elements");
  await expect(executable.read(["nothing"])).rejects.toThrow('read "nothing": there is no such');
  executable.dispose();
  executable.dispose();
  await expect(executable.read(["x"])).rejects.toThrow("disposed");
});

test("columns of unequal row counts are refused", async () => {
  const device = await opened();
  const a = { data: new Uint8Array(6), rowLength: 2 };
  const b = { data: new Float32Array(4), rowLength: 1 };
  await expect(device.upload({ a, b })).rejects.toMatchObject({ kind: "BadData" });
  const c = { data: new Int32Array(5), rowLength: 2 };
  await expect(device.upload({ c })).rejects.toMatchObject({ kind: "BadData" });
});

test("memory comes back: of executables, of data, of what could not be loaded, and all at close", async () => {
  const device = await opened();
  const start = await device.memory();
  const executable = await recording(device);
  expect((await device.memory()).bytes).toBeGreaterThan(start.bytes + ROWS * 8);
  executable.run("record", { first: 0, steps: 20 });
  await executable.read(["ring"]);
  const loaded = await device.memory();
  for (let round = 0; round < 20; round++) {
    executable.run("record", { first: 0, steps: 20 });
    await executable.read(["ring"]);
    const other = await recording(device);
    await other.sync();
    other.dispose();
  }
  const data = await device.upload(rowsFrom(0));
  data.dispose();
  data.dispose();
  const left = await device.memory();
  // The data of `recording` stays: nobody disposed it.
  expect(left.bytes - loaded.bytes).toBe(20 * ROWS * 4);
  await device.close();
  await device.close();
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("closing rejects what is awaited and says that it was expected", async () => {
  const device = await opened();
  const executable = await recording(device);
  executable.run("record", { first: 0, steps: 300 });
  const pending = [executable.sync(), executable.read(["ring"])].map((promise) =>
    expect(promise).rejects.toMatchObject({ kind: "DeviceLost" }),
  );
  await device.close();
  await Promise.all(pending);
  expect(await device.lost).toMatchObject({ expected: true });
  await expect(executable.sync()).rejects.toMatchObject({ kind: "DeviceLost" });
  await expect(device.load({ entries: [] })).rejects.toMatchObject({ kind: "DeviceLost" });
});

test("a lost GPU rejects what is awaited and everything after it", async () => {
  const device = await opened();
  const executable = await recording(device);
  executable.run("record", { first: 0, steps: 300 });
  const pending = [executable.sync(), executable.read(["ring"])].map((promise) =>
    expect(promise).rejects.toMatchObject({ kind: "DeviceLost" }),
  );
  device.gpu.destroy();
  await Promise.all(pending);
  expect(await device.lost).toMatchObject({ expected: false });
  executable.run("record", { first: 0, steps: 1 });
  await expect(executable.read(["ring"])).rejects.toMatchObject({ kind: "DeviceLost" });
  await expect(device.upload(rowsFrom(0))).rejects.toMatchObject({ kind: "DeviceLost" });
});

test("an error that no scope caught is thrown by the next read or sync", async () => {
  const device = await opened();
  const executable = await recording(device);
  device.gpu.createBuffer({ size: 4, usage: 0x01 | 0x80 });
  await expect(executable.sync()).rejects.toMatchObject({ kind: "Internal" });
  await executable.sync();
});

test("invalid WGSL is an error of load, with the compiler's words", async () => {
  const device = await opened();
  const mixed = {
    op: "Add",
    inputs: [operandOf("a", [2], "int32"), operandOf("b", [2])],
    outputs: [operandOf("y", [2])],
    attributes: {},
  };
  await expect(device.load({ entries: [entryOf("mixed", [mixed])] })).rejects.toThrow(/i32|f32/);
});

test("an input and an output in one block are bound so that WebGPU accepts them", async () => {
  const device = await opened();
  const part = (byteOffset: number) => ({ ...operandOf("shared", [8]), byteOffset });
  const entry: Entry = {
    name: "shared",
    blocks: [{ name: "shared", kind: "memory", bytes: 544 }],
    buffers: { from: part(0), to: part(512) },
    constants: [],
    calls: [{ op: "Neg", inputs: [part(0)], outputs: [part(512)], attributes: {} }],
  };
  const executable = await device.load({ entries: [entry] });
  executable.write("from", Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  executable.run("shared", { first: 0, steps: 1 });
  expect(await executable.read(["to"])).toEqual([Float32Array.of(-1, -2, -3, -4, -5, -6, -7, -8)]);
});

test("probe describes the GPU, and says why there is none and what helps", async () => {
  const found = await directWebgpu().probe();
  expect(found.ok && found.info.backend).toBe("webgpu");
  const nothing = { requestAdapter: async () => null } as unknown as GPU;
  const none = directWebgpu({ provider: async () => nothing });
  const probe = await none.probe();
  expect(probe).toMatchObject({ ok: false, hint: expect.stringMatching(/driver/) });
  await expect(none.open()).rejects.toMatchObject({ kind: "BackendUnavailable" });
  const failing = directWebgpu({ provider: () => Promise.reject(new Error("no luck")) });
  expect(await failing.probe()).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/no luck/),
  });
});
