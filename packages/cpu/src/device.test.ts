import type { Program } from "@hone/core/backend";
import { expect, test, vi } from "vitest";
import { cpuBackend } from "./backend.js";

const program: Program = {
  entries: [
    {
      name: "fill",
      blocks: [{ name: "y", kind: "memory", bytes: 12 }],
      buffers: { y: { block: "y", byteOffset: 0, shape: [3], dtype: "float32" } },
      constants: [],
      calls: [
        {
          op: "Fill",
          inputs: [],
          outputs: [{ block: "y", byteOffset: 0, shape: [3], dtype: "float32" }],
          attributes: { value: 0.1 },
        },
      ],
    },
  ],
};

test.each([
  [32, "JavaScript, 32-bit", "js-f32"],
  [64, "JavaScript, 64-bit", "js-f64"],
] as const)("with %i bits it says what it is", async (precision, description, numerics) => {
  const backend = cpuBackend({ precision });
  const info = { backend: "cpu", description, kind: "cpu", numerics, threads: 1 };
  expect(await backend.probe()).toEqual({ ok: true, info });
  const device = await backend.open();
  expect(device.info).toEqual(info);
  expect(device.target).toMatchObject({
    alignmentBytes: precision / 8,
    precision,
    maxBlockBytes: (2 ** 28 * precision) / 8,
  });
  expect(device.target.ops).toContain("Conv2DBackpropFilter");
  expect(device.target.ops).not.toContain("FusedConv2D");
  expect(structuredClone(device.target)).toEqual(device.target);
});

test("32 bits is the default, and other precisions are refused", async () => {
  expect((await cpuBackend().open()).target.precision).toBe(32);
  expect(() => cpuBackend({ precision: 16 as 32 })).toThrow(
    "[hone] cpu: precision is 16. Use 32 or 64.",
  );
});

test("memory counts blocks and columns until they are disposed", async () => {
  const device = await cpuBackend().open();
  const executable = await device.load(program);
  const resident = await device.upload({
    x: { data: new Uint8Array(12), rowLength: 4 },
    y: { data: new Int32Array(3), rowLength: 1 },
  });
  expect(resident.rows).toBe(3);
  expect(await device.memory()).toEqual({ bytes: 12 + 12 + 12, allocations: 3 });
  resident.dispose();
  resident.dispose();
  expect(await device.memory()).toEqual({ bytes: 12, allocations: 1 });
  executable.dispose();
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test.each([
  ["bytes", Uint8Array.of(5, 6)],
  ["a Node Buffer, whose own `slice` is a view", Buffer.of(5, 6)],
])("an upload is a copy, of %s", async (_what, data) => {
  const device = await cpuBackend().open();
  const executable = await device.load({
    entries: [
      {
        name: "gather",
        blocks: [
          { name: "x", kind: "resident", bytes: 0 },
          { name: "y", kind: "memory", bytes: 8 },
        ],
        buffers: { y: { block: "y", byteOffset: 0, shape: [1, 2], dtype: "float32" } },
        constants: [],
        calls: [
          {
            op: "GatherRows",
            inputs: [{ block: "x", byteOffset: 0, shape: [2], dtype: "uint8" }],
            outputs: [{ block: "y", byteOffset: 0, shape: [1, 2], dtype: "float32" }],
            attributes: { stride: 1, scale: 1, offset: 0 },
          },
        ],
      },
    ],
  });
  executable.bind("x", await device.upload({ x: { data, rowLength: 2 } }));
  data.fill(0);
  executable.run("gather", { first: 0, steps: 1 });
  expect(await executable.read(["y"])).toEqual([Float32Array.of(5, 6)]);
});

test("columns must hold whole rows, and equally many", async () => {
  const device = await cpuBackend().open();
  const x = { data: new Uint8Array(12), rowLength: 5 };
  await expect(device.upload({ x })).rejects.toThrow(
    '[hone] upload column "x": 12 elements do not make whole rows of 5.',
  );
  const y = { data: new Int32Array(4), rowLength: 1 };
  await expect(device.upload({ x: { ...x, rowLength: 4 }, y })).rejects.toThrow(
    'upload column "y": it has 4 rows, another column has 3',
  );
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("a program that cannot be loaded leaves nothing behind", async () => {
  const device = await cpuBackend().open();
  const [entry] = program.entries as [Program["entries"][number]];
  await expect(device.load({ entries: [entry, entry] })).rejects.toThrow("it is prepared already");
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("memory that JavaScript refuses is OutOfMemory, and leaves nothing behind", async () => {
  const device = await cpuBackend().open();
  class Refused {
    constructor() {
      throw new RangeError("Array buffer allocation failed");
    }
  }
  vi.stubGlobal("ArrayBuffer", Refused);
  try {
    await expect(device.load(program)).rejects.toMatchObject({
      kind: "OutOfMemory",
      message: expect.stringMatching(/^\[hone\] prepare "fill": 12 bytes do not fit beside the 0/),
    });
    const x = { data: Uint8Array.of(1, 2), rowLength: 1 };
    await expect(device.upload({ x })).rejects.toMatchObject({ kind: "OutOfMemory" });
  } finally {
    vi.unstubAllGlobals();
  }
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
});

test("close releases everything, resolves `lost` as expected, and may be repeated", async () => {
  const device = await cpuBackend().open();
  const executable = await device.load(program);
  const resident = await device.upload({ x: { data: new Uint8Array(4), rowLength: 1 } });
  await device.close();
  await device.close();
  expect(await device.lost).toMatchObject({ expected: true });
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
  const lost = { kind: "DeviceLost" };
  await expect(executable.read(["y"])).rejects.toMatchObject(lost);
  await expect(executable.sync()).rejects.toMatchObject(lost);
  await expect(device.load(program)).rejects.toMatchObject(lost);
  await expect(device.upload({})).rejects.toMatchObject(lost);
  executable.run("fill", { first: 0, steps: 1 });
  executable.dispose();
  resident.dispose();
});
