/** A stock backend among the user's own tfjs code, and a session on it. */
import "@tensorflow/tfjs-backend-cpu";
import { adam, compile, verifyDevice } from "@hone/core";
import { cnn, mlp } from "@hone/core/models";
import { digits } from "@hone/data";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { StockDevice } from "./device.js";
import { tfjs } from "./index.js";
import { openCpu } from "./stock/cpu.js";

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

async function open(...options: Parameters<typeof tfjs>) {
  const device = await tfjs(...options).open();
  closes.push(() => device.close());
  return device;
}

const few = () => digits({ train: 600, test: 100 });
const wasmInstance = () => tf.engine().registry.wasm as unknown as { numDataIds(): number };

test("opening wasm beside a user's tfjs code changes neither its backend nor its process", async () => {
  const listeners = () => [
    process.listenerCount("uncaughtException"),
    process.listenerCount("unhandledRejection"),
  ];
  mlp();
  const before = listeners();
  expect(tf.findBackendFactory("wasm")).toBe(null);
  const opening = open("wasm");
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  await opening;
  expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  expect(tf.getBackend()).toBe("cpu");
  expect(listeners()).toEqual(before);
});

test.each(["cpu", "wasm"] as const)("%s meets all known answers", async (name) => {
  expect(await verifyDevice(await open(name))).toMatchObject({ ok: true });
});

test("a user's code on the same wasm runs between steps, and the tensors of both stay right", async () => {
  const device = await open("wasm");
  await tf.setBackend("wasm");
  try {
    const session = await compile(mlp({ seed: 1 }), { device, seed: 1 });
    const own = tf.tensor1d([1, 2, 3]);
    let steps = 0;
    for await (const record of session.steps((await few()).train, { epochs: 1, batchSize: 64 })) {
      if (record.kind !== "progress") continue;
      steps++;
      expect([...tf.square(own).dataSync()]).toEqual([1, 4, 9]);
    }
    expect(steps).toBeGreaterThan(0);
    await session.close();
    expect([...own.dataSync()]).toEqual([1, 2, 3]);
    own.dispose();
  } finally {
    await tf.setBackend("cpu");
  }
});

test.each(["cpu", "wasm"] as const)(
  "%s learns, and its tensors are as many after 18 steps as after the first",
  async (name) => {
    const device = await open(name);
    const { train } = await few();
    const session = await compile(mlp({ seed: 2 }), { device, optimizer: adam(3e-3), seed: 2 });
    const counts: number[] = [];
    const losses: number[] = [];
    const mine = tf.memory().numTensors;
    const own = name === "wasm" ? wasmInstance().numDataIds() : 0;
    for await (const record of session.steps(train, { epochs: 3, batchSize: 100 })) {
      if (record.kind !== "progress") continue;
      counts.push((await device.memory()).allocations);
      losses.push(...record.losses);
      expect(tf.memory().numTensors).toBe(mine);
    }
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number));
    expect(new Set(counts.slice(1)).size).toBe(1);
    await session.close();
    expect(await device.memory()).toEqual({ bytes: 0, allocations: 0 });
    if (name === "wasm") expect(wasmInstance().numDataIds()).toBe(own);
  },
);

test("training a cnn on wasm is refused by the lacking op's name; it still predicts", async () => {
  const model = cnn({ seed: 3 });
  const device = await open("wasm");
  const session = await compile(model, { device });
  const { train } = await few();
  await expect(session.fit(train, { epochs: 1, batchSize: 64 })).rejects.toThrow(
    "[hone] plan: the device lacks Conv2DBackpropFilter. Choose another backend.",
  );
  const images = Float32Array.from({ length: 3 * 28 * 28 }, (_, at) => Math.sin(at));
  const found = await session.predict(images);
  const wanted = model.predict(tf.tensor4d(images, [3, 28, 28, 1])) as tf.Tensor;
  const values = wanted.dataSync();
  for (const [at, value] of [...found.data].entries())
    expect(value).toBeCloseTo(values[at] as number, 5);
  await session.close();
});

test("where it need not be exact a pool is the stock kernel's", async () => {
  const x = { block: "x", byteOffset: 0, shape: [1, 2, 2, 1], dtype: "float32" } as const;
  const y = { ...x, block: "y", shape: [1, 1, 1, 1] };
  const entry = {
    name: "pool",
    blocks: [
      { name: "x", kind: "memory", bytes: 16 },
      { name: "y", kind: "memory", bytes: 4 },
    ],
    buffers: { x, y },
    constants: [],
    calls: [
      {
        op: "MaxPool",
        inputs: [x],
        outputs: [y],
        attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
      },
    ],
  } as const;
  const pooled = [];
  for (const exact of [true, false]) {
    const device = await open("wasm", { exact });
    expect(device.info.numerics).toBe(exact ? "tfjs-wasm-simd" : "tfjs-wasm-simd as stock");
    const executable = await device.load({ entries: [entry] });
    executable.write("x", Float32Array.of(1, Number.NaN, 3, 2));
    executable.run("pool", { first: 0, steps: 1 });
    pooled.push((await executable.read(["y"]))[0]?.[0]);
  }
  expect(pooled).toEqual([Number.NaN, 3]);
});

test("a column larger than tfjs holds, and an array that JavaScript refuses, are OutOfMemory", async () => {
  const device = await open("cpu");
  // Never touched, so it takes no memory here.
  const x = { data: new Uint8Array(2 ** 28 + 1), rowLength: 1 };
  await expect(device.upload({ x })).rejects.toMatchObject({
    kind: "OutOfMemory",
    message: expect.stringMatching(/^\[hone\] upload column "x": it needs 1073741828 bytes in one/),
  });
  const refusing = () => {
    throw new RangeError("Array buffer allocation failed");
  };
  const refused = new StockDevice(
    { ...(await openCpu()), kernel: () => refusing },
    device.info,
    true,
  );
  const a = { block: "a", byteOffset: 0, shape: [3], dtype: "float32" } as const;
  const b = { ...a, block: "b" };
  const blocks = [a, b].map(({ block: name }) => ({ name, kind: "memory", bytes: 12 }) as const);
  const calls = [{ op: "Neg", inputs: [a], outputs: [b], attributes: {} }];
  const entry = { name: "neg", blocks, buffers: {}, constants: [], calls };
  const executable = await refused.load({ entries: [entry] });
  executable.run("neg", { first: 0, steps: 1 });
  await expect(executable.sync()).rejects.toMatchObject({
    kind: "OutOfMemory",
    message: expect.stringMatching(/^\[hone\] "neg" Neg: 12 bytes do not fit beside the \d+ bytes/),
  });
  await refused.close();
});

test("a probe says what it is and loads no backend; webgpu in Node says why not", async () => {
  expect(await tfjs("cpu").probe()).toMatchObject({
    ok: true,
    info: { backend: "tfjs-cpu", kind: "cpu", numerics: "tfjs-cpu", threads: 1 },
  });
  expect(await tfjs("wasm").probe()).toMatchObject({
    ok: true,
    info: {
      backend: "tfjs-wasm",
      kind: "wasm",
      description: /^stock tfjs 4.*WASM SIMD, 1 thread$/,
    },
  });
  const webgpu = tfjs("webgpu");
  expect(webgpu.name).toBe("tfjs-webgpu");
  expect(await webgpu.probe()).toEqual({
    ok: false,
    reason: "stock tfjs-webgpu starts only in pages and their workers",
    hint: "open it in a browser; in Node take @hone/webgpu, or tfjs-wasm as a rival",
  });
  await expect(webgpu.open()).rejects.toThrow(/^\[hone\] tfjs-webgpu: stock tfjs-webgpu starts/);
  expect(() => tfjs("webgl" as "cpu")).toThrow('"webgl" is not one of cpu, wasm, webgpu.');
});
