import { expect, test } from "vitest";
import type { Target } from "../backend.js";
import { sizeOf } from "../graph/geometry.js";
import type { Entry, Operand } from "../plan/program.js";
import type { BlockTable } from "./block-table.js";
import { inputOperand, locationOf, missingKernel, outputOperand } from "./calls.js";
import { HostDevice } from "./host-device.js";
import type { ColumnFinder, HostMachine, LoweredEntry } from "./host-machine.js";

const info = {
  backend: "toy",
  description: "a toy",
  kind: "cpu",
  numerics: "toy",
  threads: 1,
} as const;

/** All an adapter writes: memory, and one op, which adds its input and the step to its output. */
class ToyMachine implements HostMachine<Float32Array> {
  readonly info = info;
  readonly target: Target = {
    specVersion: 1,
    alignmentBytes: 4,
    precision: 32,
    ops: ["Add"],
    maxBlockBytes: 32,
  };
  readonly held = new Set<unknown>();
  /** What lowering took and has not given back. */
  lowered = 0;

  allocate(bytes: number): Float32Array {
    return this.#hold(new Float32Array(bytes / 4));
  }

  copy(data: ArrayLike<number>): Float32Array {
    return this.#hold(Float32Array.from(data));
  }

  free(space: Float32Array): void {
    expect(this.held.delete(space)).toBe(true);
  }

  view(space: Float32Array, { byteOffset, shape }: Operand): Float32Array {
    return space.subarray(byteOffset / 4, byteOffset / 4 + sizeOf(shape));
  }

  lower(entry: Entry, blocks: BlockTable<Float32Array>): LoweredEntry<Float32Array> {
    const calls = entry.calls.map((call) => {
      const where = locationOf(entry, call);
      if (call.op !== "Add") throw missingKernel("toy", where, call.op);
      const [from, to] = [inputOperand(call, 0), outputOperand(call)];
      return {
        operands: [from, to],
        bind: (columnOf: ColumnFinder<Float32Array>) => {
          const x = columnOf(from.block)?.space ?? this.view(blocks.spaceOf(from, where), from);
          const y = this.view(blocks.spaceOf(to, where), to);
          return (step: number) => y.set(y.map((value, i) => value + (x[i] ?? 0) + step));
        },
      };
    });
    this.lowered++;
    return { calls, release: () => this.lowered-- };
  }

  use() {
    return { bytes: 0, allocations: this.held.size };
  }

  #hold(space: Float32Array): Float32Array {
    this.held.add(space);
    return space;
  }
}

const x: Operand = { block: "x", byteOffset: 0, shape: [2], dtype: "float32" };
const y: Operand = { ...x, block: "y" };
const adding: Entry = {
  name: "adding",
  blocks: [
    { name: "x", kind: "resident", bytes: 0 },
    { name: "y", kind: "memory", bytes: 8 },
  ],
  buffers: { y },
  constants: [{ operand: y, value: Float32Array.of(100, 200) }],
  calls: [{ op: "Add", inputs: [x], outputs: [y], attributes: {} }],
};

function open() {
  const machine = new ToyMachine();
  return { machine, device: new HostDevice(machine) };
}

const upload = (device: HostDevice<Float32Array>) =>
  device.upload({ x: { data: Float32Array.of(1, 2), rowLength: 2 } });

test("memory and calls are all that a machine must give", async () => {
  const { device } = open();
  const executable = await device.load({ entries: [adding] });
  executable.bind("x", await upload(device));
  executable.run("adding", { first: 5, steps: 2 });
  expect(await executable.read(["y"])).toEqual([Float32Array.of(113, 215)]);
});

test("an entry that cannot be prepared gives back all that was made for it", async () => {
  const { device, machine } = open();
  const constants = [{ operand: y, value: new Float32Array(3) }];
  await expect(device.load({ entries: [{ ...adding, constants }] })).rejects.toThrow(
    '[hone] prepare "adding": 3 elements do not fit in 2.',
  );
  const calls = adding.calls.map((call) => ({ ...call, op: "Fft", label: "dense" }));
  await expect(device.load({ entries: [{ ...adding, calls }] })).rejects.toThrow(
    '[hone] "adding" Fft of "dense": the toy backend has no kernel for op "Fft".',
  );
  expect([machine.held.size, machine.lowered]).toEqual([0, 0]);
});

test("close gives back everything, and what was made of the device says so", async () => {
  const { device, machine } = open();
  const executable = await device.load({ entries: [adding] });
  await upload(device);
  expect([machine.held.size, machine.lowered]).toEqual([2, 1]);
  await device.close();
  expect([machine.held.size, machine.lowered]).toEqual([0, 0]);
  expect(await device.lost).toMatchObject({ expected: true });
  await expect(executable.sync()).rejects.toThrow("[hone] sync: the device was closed.");
  await expect(upload(device)).rejects.toThrow("[hone] toy upload: the device was closed.");
});

test("a data set of another device is refused", async () => {
  const executable = await open().device.load({ entries: [adding] });
  executable.bind("x", await upload(open().device));
  await expect(executable.sync()).rejects.toThrow(
    '[hone] bind "x": the data set was uploaded to another device.',
  );
});

test("columns that were copied are given back when the next one does not fit", async () => {
  const { device, machine } = open();
  let copies = 0;
  const copy = machine.copy.bind(machine);
  machine.copy = (data) => {
    if (++copies === 2) throw new Error("full");
    return copy(data);
  };
  const column = { data: Float32Array.of(1), rowLength: 1 };
  await expect(device.upload({ a: column, b: column })).rejects.toThrow("full");
  expect(machine.held.size).toBe(0);
});
