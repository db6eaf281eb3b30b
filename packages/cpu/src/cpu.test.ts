import {
  type Backend,
  type Device,
  type Operand,
  operandBytes,
  type Program,
  type TypedArray,
} from "@hone/core/backend";
import { afterEach, expect, test } from "vitest";
import { cpu } from "./index.js";

const devices: Device[] = [];

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()));
});

async function open(backend: Backend): Promise<Device> {
  const device = await backend.open();
  devices.push(device);
  return device;
}

function tensor(block: string, ...shape: number[]): Operand {
  return { block, byteOffset: 0, shape, dtype: "float32" };
}

/** A step of a layer that feeds on its own output: gather, dropout, product, tanh. */
function recurrence(precision: 32 | 64 = 32): Program {
  const [x, state] = [tensor("x", 4, 8), tensor("state", 4, 8)];
  const [weights, product] = [tensor("weights", 8, 8), tensor("product", 4, 8)];
  const [dropped, sum] = [tensor("dropped", 4, 8), tensor("sum", 4, 8)];
  const images: Operand = { ...tensor("images", 8), dtype: "uint8" };
  const seed: Operand = { ...tensor("seed", 1), dtype: "int32" };
  const memory = [x, state, weights, product, dropped, sum].map(({ block, shape, dtype }) => ({
    name: block,
    kind: "memory" as const,
    bytes: operandBytes({ shape, dtype }, precision),
  }));
  return {
    entries: [
      {
        name: "step",
        blocks: [
          ...memory,
          { name: "seed", kind: "memory", bytes: 4 },
          { name: "images", kind: "resident", bytes: 0 },
        ],
        buffers: { state, weights },
        constants: [{ operand: seed, value: Int32Array.of(7) }],
        calls: [
          {
            op: "GatherRows",
            inputs: [images],
            outputs: [x],
            attributes: { stride: 0, scale: 1 / 255, offset: 0 },
          },
          {
            op: "Dropout",
            inputs: [state, seed],
            outputs: [dropped],
            attributes: { rate: 0.25, ordinal: 0 },
          },
          {
            op: "BatchMatMul",
            inputs: [dropped, weights],
            outputs: [product],
            attributes: { transposeA: false, transposeB: false },
          },
          { op: "Add", inputs: [product, x], outputs: [sum], attributes: {} },
          { op: "Tanh", inputs: [sum], outputs: [state], attributes: {} },
        ],
      },
    ],
  };
}

async function stateAfter(backend: Backend, steps: number): Promise<TypedArray> {
  const device = await open(backend);
  const executable = await device.load(recurrence(device.target.precision));
  const data = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
  executable.bind("images", await device.upload({ images: { data, rowLength: 8 } }));
  executable.write(
    "weights",
    Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
  );
  executable.run("step", { first: 0, steps });
  const [state] = await executable.read(["state"]);
  return state as TypedArray;
}

test.each([32, 64] as const)(
  "a worker computes the same %i bits as the calling thread",
  async (precision) => {
    const here = await stateAfter(cpu({ precision, worker: false }), 50);
    const there = await stateAfter(cpu({ precision, worker: true }), 50);
    expect(there.constructor).toBe(precision === 64 ? Float64Array : Float32Array);
    expect(Math.max(...here)).toBeGreaterThan(0.1);
    expect(new Uint8Array(there.buffer)).toEqual(new Uint8Array(here.buffer));
  },
);

test("32 bits run in a worker unless told otherwise, 64 bits on the calling thread", async () => {
  for (const [backend, inWorker] of [
    [cpu(), true],
    [cpu({ worker: false }), false],
    [cpu({ precision: 64 }), false],
  ] as const) {
    const device = await open(backend);
    const executable = await device.load(recurrence(device.target.precision));
    const uploaded = device.upload({ images: { data: new Uint8Array(64), rowLength: 8 } });
    executable.bind("images", await uploaded);
    executable.run("step", { first: 0, steps: 20_000 });
    // What has computed already answers before any timer fires.
    let timerFired = false;
    setTimeout(() => {
      timerFired = true;
    });
    await executable.sync();
    expect(timerFired).toBe(inWorker);
  }
});

test("in both places the same use of a device fails with the same error", async () => {
  const errors = [];
  for (const worker of [false, true]) {
    const device = await open(cpu({ worker }));
    const executable = await device.load(recurrence(device.target.precision));
    const messages = [];
    for (const misuse of [
      () => executable.run("step", { first: 0, steps: 1 }),
      () => executable.run("stop", { first: 0, steps: 1 }),
      () => executable.write("weights", new Float32Array(65)),
      () => executable.write("weights", new Int32Array(1)),
    ]) {
      misuse();
      messages.push(await executable.sync().catch(({ kind, message }) => `${kind} ${message}`));
    }
    const prepared = executable.prepare(recurrence().entries[0] as Program["entries"][number]);
    messages.push(await prepared.catch(({ kind, message }) => `${kind} ${message}`));
    executable.dispose();
    messages.push(await executable.sync().catch(({ kind }) => kind));
    errors.push(messages);
  }
  expect(errors[1]).toEqual(errors[0]);
  expect(errors[0]).not.toContain(undefined);
});
