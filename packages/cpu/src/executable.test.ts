import type { Call, Entry, Operand } from "@hone/core/backend";
import { expect, test } from "vitest";
import { openDevice } from "./test/run-call.js";

function operand(
  block: string,
  length: number,
  byteOffset = 0,
  dtype: Operand["dtype"] = "float32",
): Operand {
  return { block, byteOffset, shape: [length], dtype };
}

const weights = operand("weights", 2);
const sum = operand("sum", 2);
const addWeights: Call = { op: "Add", inputs: [sum, weights], outputs: [sum], attributes: {} };

/** @param floats as many as it has room for, at 4 bytes each */
function memory(name: string, floats: number) {
  return { name, kind: "memory", bytes: 4 * floats } as const;
}

/** sum += weights, once a step. */
const adding: Entry = {
  name: "adding",
  blocks: [memory("weights", 2), memory("sum", 2)],
  buffers: { weights, sum },
  constants: [],
  calls: [addWeights],
};

/** y = a row of the data set "x" of 3-element rows. */
function gathering(name: string, rowLength: number, dtype: Operand["dtype"]): Entry {
  const y = operand(`${name} y`, rowLength);
  return {
    name,
    blocks: [{ name: "x", kind: "resident", bytes: 0 }, memory(`${name} y`, rowLength)],
    buffers: { [`${name} y`]: y },
    constants: [],
    calls: [
      {
        op: "GatherRows",
        inputs: [operand("x", rowLength, 0, dtype)],
        outputs: [{ ...y, shape: [1, rowLength] }],
        attributes: { stride: 1, scale: 1, offset: 0 },
      },
    ],
  };
}

async function load(...entries: Entry[]) {
  const device = openDevice(32);
  return { device, executable: await device.load({ entries }) };
}

test("blocks start as zeros, and steps run in order", async () => {
  const { executable } = await load(adding);
  expect((await executable.read(["sum"]))[0]).toEqual(Float32Array.of(0, 0));
  executable.write("weights", Float32Array.of(1, 2));
  executable.run("adding", { first: 0, steps: 3 });
  executable.write("weights", Float32Array.of(10, 20));
  executable.run("adding", { first: 3, steps: 1 });
  expect((await executable.read(["weights", "sum"]))[1]).toEqual(Float32Array.of(13, 26));
});

test("calls see the number of the step they run in", async () => {
  const ring = { ...operand("ring", 4), shape: [4, 1] };
  const value = operand("value", 1);
  const { executable } = await load({
    name: "recording",
    blocks: [memory("ring", 4), memory("value", 1)],
    buffers: { ring },
    constants: [{ operand: value, value: Float32Array.of(7) }],
    calls: [{ op: "RecordStep", inputs: [ring, value], outputs: [ring], attributes: {} }],
  });
  executable.run("recording", { first: 6, steps: 1 });
  expect(await executable.read(["ring"])).toEqual([Float32Array.of(0, 0, 7, 0)]);
});

test("what `read` returns is a copy, and `write` takes one", async () => {
  const { executable } = await load(adding);
  const data = Float32Array.of(1, 2);
  executable.write("weights", data);
  data.fill(9);
  const [copy] = await executable.read(["weights"]);
  copy?.fill(5);
  expect(await executable.read(["weights"])).toEqual([Float32Array.of(1, 2)]);
});

test("a short `write` changes the start of a buffer only", async () => {
  const { executable } = await load(adding);
  executable.write("weights", Float32Array.of(1, 2));
  executable.write("weights", Float32Array.of(7));
  expect(await executable.read(["weights"])).toEqual([Float32Array.of(7, 2)]);
});

test("a 64-bit device holds doubles at 8 bytes an element, and integers at 4 among them", async () => {
  const device = openDevice(64);
  const [floats, ids, more] = [operand("b", 2), operand("b", 2, 16, "int32"), operand("b", 1, 24)];
  const executable = await device.load({
    entries: [
      {
        name: "e",
        blocks: [memory("b", 8)],
        buffers: { floats, ids, more },
        constants: [],
        calls: [],
      },
    ],
  });
  executable.write("floats", Float64Array.of(1 / 3, Math.PI));
  executable.write("ids", Int32Array.of(-5, 2 ** 31 - 1));
  executable.write("more", Float32Array.of(0.1));
  expect(await executable.read(["floats", "ids", "more"])).toEqual([
    Float64Array.of(1 / 3, Math.PI),
    Int32Array.of(-5, 2 ** 31 - 1),
    Float64Array.of(Math.fround(0.1)),
  ]);
  expect(await device.memory()).toEqual({ bytes: 32, allocations: 1 });
});

test("an entry prepared later shares the blocks it names, their contents included", async () => {
  const { device, executable } = await load(adding);
  executable.write("weights", Float32Array.of(1, 2));
  const doubled = operand("doubled", 2);
  await executable.prepare({
    name: "doubling",
    blocks: [memory("weights", 2), memory("doubled", 2)],
    buffers: { weights, doubled },
    constants: [],
    calls: [{ op: "Add", inputs: [weights, weights], outputs: [doubled], attributes: {} }],
  });
  executable.run("doubling", { first: 0, steps: 1 });
  expect(await executable.read(["doubled"])).toEqual([Float32Array.of(2, 4)]);
  expect(await device.memory()).toEqual({ bytes: 24, allocations: 3 });
});

test.each<[string, Entry, string]>([
  [
    "a held block with another size",
    {
      ...adding,
      name: "other",
      blocks: [memory("fresh", 1), memory("sum", 2), memory("weights", 3)],
    },
    '[hone] prepare "other": block "weights" has 12 bytes, but is held with 8.',
  ],
  [
    "a block larger than a block may be",
    { ...adding, name: "other", blocks: [memory("huge", 2 ** 28 + 1)] },
    'block "huge" needs 1073741828 bytes in one piece, the device gives at most 1073741824',
  ],
  ["an entry of the same name", adding, '[hone] prepare "adding": it is prepared already.'],
  [
    "a buffer that another entry has elsewhere",
    { ...adding, name: "other", buffers: { sum: operand("weights", 2) } },
    'buffer "sum" is float32 [2] at byte 0 of "weights", but another entry has it as float32 [2] at byte 0 of "sum"',
  ],
  [
    "an op without a kernel",
    {
      ...adding,
      name: "other",
      blocks: [memory("x", 9), ...adding.blocks],
      calls: [{ ...addWeights, op: "Fft", label: "dense" }],
    },
    '[hone] "other" Fft of "dense": the cpu backend has no kernel for op "Fft".',
  ],
  [
    "an operand that leaves its block",
    { ...adding, name: "other", calls: [{ ...addWeights, outputs: [operand("sum", 2, 4)] }] },
    'internal: float32 operand [2] at byte 4 leaves block "sum" of 8 bytes',
  ],
])("`prepare` refuses %s and holds no more than before", async (_what, entry, message) => {
  const { device, executable } = await load(adding);
  await expect(executable.prepare(entry)).rejects.toThrow(message);
  expect(await device.memory()).toEqual({ bytes: 16, allocations: 2 });
  executable.run("adding", { first: 0, steps: 1 });
  await executable.sync();
});

test.each<[string, (executable: Awaited<ReturnType<typeof load>>["executable"]) => void, string]>([
  [
    "a write longer than the buffer",
    (executable) => executable.write("sum", new Float32Array(3)),
    '[hone] write "sum": 3 elements do not fit in 2.',
  ],
  [
    "a write of integers into floats",
    (executable) => executable.write("sum", new Int32Array(2)),
    '[hone] write "sum": the buffer is float32, the data a Int32Array.',
  ],
  [
    "a write to an unknown buffer",
    (executable) => executable.write("bias", new Float32Array(1)),
    '[hone] write "bias": there is no such buffer among [weights,sum].',
  ],
  [
    "a run of an unknown entry",
    (executable) => executable.run("test", { first: 0, steps: 1 }),
    '[hone] run "test": there is no such entry among [adding].',
  ],
])("%s is thrown by the next `sync` or `read`, once", async (_what, misuse, message) => {
  const { executable } = await load(adding);
  misuse(executable);
  await expect(executable.sync()).rejects.toThrow(message);
  misuse(executable);
  await expect(executable.read(["sum"])).rejects.toThrow(message);
  await executable.sync();
});

test("what follows a failure is not done until the failure was thrown", async () => {
  const { executable } = await load(adding);
  executable.write("bias", new Float32Array(1));
  executable.write("sum", Float32Array.of(1, 1));
  await expect(executable.sync()).rejects.toThrow('write "bias"');
  expect(await executable.read(["sum"])).toEqual([Float32Array.of(0, 0)]);
});

test("a read of an unknown buffer fails", async () => {
  const { executable } = await load(adding);
  await expect(executable.read(["bias"])).rejects.toThrow(
    '[hone] read "bias": there is no such buffer',
  );
});

test("a disposed executable holds nothing and can only be disposed again", async () => {
  const { device, executable } = await load(adding);
  executable.dispose();
  executable.dispose();
  expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
  executable.run("adding", { first: 0, steps: 1 });
  await expect(executable.read(["sum"])).rejects.toThrow("the executable was disposed");
  await expect(executable.prepare({ ...adding, name: "other" })).rejects.toThrow("was disposed");
});

test("binding another data set changes what the next run sees", async () => {
  const { device, executable } = await load(gathering("rows", 3, "uint8"));
  const upload = (start: number) =>
    device.upload({ x: { data: Uint8Array.of(start, start + 1, start + 2), rowLength: 3 } });
  for (const start of [10, 50]) {
    executable.bind("x", await upload(start));
    executable.run("rows", { first: 0, steps: 1 });
    expect(await executable.read(["rows y"])).toEqual([
      Float32Array.of(start, start + 1, start + 2),
    ]);
  }
});

test("an entry prepared after `bind` sees the data set too", async () => {
  const { device, executable } = await load(gathering("early", 3, "uint8"));
  executable.bind("x", await device.upload({ x: { data: Uint8Array.of(1, 2, 3), rowLength: 3 } }));
  await executable.prepare(gathering("late", 3, "uint8"));
  executable.run("late", { first: 0, steps: 1 });
  expect(await executable.read(["late y"])).toEqual([Float32Array.of(1, 2, 3)]);
});

test("a data set may suit one entry and not another, which then cannot run", async () => {
  const { device, executable } = await load(
    gathering("bytes", 3, "uint8"),
    gathering("floats", 3, "float32"),
  );
  executable.bind(
    "x",
    await device.upload({ x: { data: Float32Array.of(0.5, 1, 2), rowLength: 3 } }),
  );
  executable.run("floats", { first: 0, steps: 1 });
  expect(await executable.read(["floats y"])).toEqual([Float32Array.of(0.5, 1, 2)]);
  executable.run("bytes", { first: 0, steps: 1 });
  await expect(executable.sync()).rejects.toThrow(
    '[hone] bind "x": the column holds float32, the entry was made for uint8.',
  );
});

test("binding what no entry can read fails", async () => {
  const { device, executable } = await load(gathering("rows", 3, "uint8"));
  const data = new Uint8Array(12);
  const wrongName = await device.upload({ y: { data, rowLength: 3 } });
  executable.bind("x", wrongName);
  await expect(executable.sync()).rejects.toThrow(
    '[hone] bind "x": the data set holds no column "x": it has [y].',
  );
  executable.bind("x", await device.upload({ x: { data, rowLength: 4 } }));
  await expect(executable.sync()).rejects.toThrow(
    '[hone] bind "x": its rows have 4 elements, the entry reads rows of 3 ([3]).',
  );
  executable.bind("y", wrongName);
  await expect(executable.sync()).rejects.toThrow('no prepared entry reads a resident "y"');
});

test("a run without its data set, or after that was disposed, fails", async () => {
  const { device, executable } = await load(gathering("rows", 3, "uint8"));
  executable.run("rows", { first: 0, steps: 1 });
  await expect(executable.sync()).rejects.toThrow('[hone] run: no data set is bound to "x".');
  const resident = await device.upload({ x: { data: new Uint8Array(3), rowLength: 3 } });
  executable.bind("x", resident);
  resident.dispose();
  executable.run("rows", { first: 0, steps: 1 });
  await expect(executable.sync()).rejects.toThrow('the data set bound to "x" was disposed');
});
