/** Which kernels come with which ops, and from where. */
import addresses from "hone:wasm";
import { readFile } from "node:fs/promises";
import { opCases, timeCase } from "@hone/conformance";
import { adam, compile } from "@hone/core";
import { createModel } from "@hone/core/models";
import { digits } from "@hone/data";
import { expect, test } from "vitest";
import { families, hasFile, ops } from "./families.js";
import { features } from "./features.js";
import { wasmFrom } from "./wasm.js";
import { workerText } from "./worker-texts.js";

/** Kernels from the files, and which of them were asked for. */
function counted(key: string) {
  const asked: string[] = [];
  const bytes = async (family: string, relaxed: boolean) => {
    asked.push(family);
    const address = addresses[`${family}-${relaxed ? "relaxed" : "plain"}`] as () => URL;
    return new Uint8Array(await readFile(address()));
  };
  return { asked, source: { key, bytes } };
}

test("every family has launchers for just the ops that it names, and no op is in two", async () => {
  for (const { ops: named, load } of Object.values(families)) {
    expect(Object.keys((await load()).lowerings).sort()).toEqual(named.split(" ").sort());
  }
  expect(new Set(ops).size).toBe(ops.length);
});

test("each file keeps its constants to itself", async () => {
  features();
  const files = ["base", ...Object.keys(families).filter(hasFile)];
  const seen = new Map<number, string>();
  for (const name of files) {
    const bytes = await readFile((addresses[`${name}-relaxed`] as () => URL)());
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
    const ofThread = () => new WebAssembly.Global({ value: "i32", mutable: true }, 0);
    const [sleep, install] = [() => {}, () => {}];
    const env = { memory, sleep, install, currentStep: ofThread(), workspace: ofThread() };
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    for (const [at, byte] of new Uint8Array(memory.buffer).entries()) {
      if (byte === 0) continue;
      const place = at >> 10;
      expect(seen.get(place) ?? name).toBe(name);
      expect(at).toBeLessThan(16_384);
      seen.set(place, name);
    }
  }
});

test.each([
  ["here", { worker: false, threads: 1 }],
  ["in a worker", { threads: 1 }],
  ["on two threads", { threads: 2, shareFrom: 0 }],
])("%s every op finds the kernels it calls", async (name, options) => {
  const { source } = counted(name);
  const device = await wasmFrom(source, workerText, options).open();
  const ran = new Set<string>();
  for (const opCase of opCases) {
    if (ran.has(opCase.op) && options.threads === 2) continue;
    await timeCase(device, opCase, 0);
    ran.add(opCase.op);
  }
  expect(ops.filter((op) => !ran.has(op))).toEqual([]);
  await device.close();
});

test("a CNN predicts with the base alone, trains with one family more, and each comes once", async () => {
  const { train } = await digits({ train: 64, test: 10 });
  const { asked, source } = counted("cnn");
  const device = await wasmFrom(source, workerText, { threads: 1 }).open();
  const model = createModel("cnn", { seed: 1 }) as never;
  const session = await compile(model, { device, optimizer: adam(1e-3), seed: 1 });
  await session.predict(new Float32Array(784 * 3));
  expect(asked).toEqual(["base"]);
  await session.fit(train, { epochs: 1, batchSize: 32 });
  await session.evaluate(train);
  expect(asked).toEqual(["base", "training"]);
  await session.close();
  await device.close();
  const other = await wasmFrom(source, workerText, { threads: 1 }).open();
  await (await compile(model, { device: other, optimizer: adam(1e-3), seed: 1 })).fit(train);
  expect(asked).toEqual(["base", "training"]);
  await other.close();
});

test("a family that cannot be had is told, and asked for again", async () => {
  const { source } = counted("once");
  let fails = true;
  const bytes = async (family: string, relaxed: boolean) => {
    if (fails && family === "noise") throw new Error("no such file");
    return source.bytes(family, relaxed);
  };
  const device = await wasmFrom({ key: "at times", bytes }, workerText, { threads: 1 }).open();
  const dropout = opCases.find(({ op }) => op === "Dropout") as (typeof opCases)[number];
  await expect(timeCase(device, dropout, 0)).rejects.toThrow("no such file");
  fails = false;
  await timeCase(device, dropout, 0);
  await device.close();
  expect(hasFile("noise")).toBe(true);
});
