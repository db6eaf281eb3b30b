import { expect, test } from "vitest";
import { openDevice } from "./backend.js";
import { entryOf, operandOf, useSoftwareDriver } from "./test/run-call.js";

useSoftwareDriver();

/** Counts calls of every method of an object's prototype from now on. */
function countCalls(target: object): Map<string, number> {
  const counts = new Map<string, number>();
  const prototype = Object.getPrototypeOf(target);
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof method !== "function" || name === "constructor") continue;
    Object.defineProperty(target, name, {
      configurable: true,
      value: (...parameters: unknown[]) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return Reflect.apply(method, target, parameters);
      },
    });
  }
  return counts;
}

test("a steady step makes nothing, maps nothing, and writes four bytes a submit", async () => {
  const device = await openDevice();
  const [batch, inputs, outputs] = [8, 6, 4];
  const x = operandOf("x", [batch, inputs]);
  const w = operandOf("w", [inputs, outputs]);
  const g = operandOf("g", [inputs, outputs]);
  const logits = operandOf("logits", [batch, outputs]);
  const schedule = [operandOf("schedule", [100, 3]), operandOf("epochStart", [1], "int32")];
  const entry = entryOf(
    "train",
    [
      {
        op: "GatherRows",
        inputs: [operandOf("images", [inputs], "uint8")],
        outputs: [x],
        attributes: { stride: 1, scale: 1 / 255, offset: 0 },
      },
      {
        op: "BatchMatMul",
        inputs: [x, w],
        outputs: [logits],
        attributes: { transposeA: false, transposeB: false },
      },
      {
        op: "BatchMatMul",
        inputs: [x, logits],
        outputs: [g],
        attributes: { transposeA: true, transposeB: false },
      },
      { op: "ApplySgd", inputs: [w, g, ...schedule], outputs: [w], attributes: { clipNorm: 0 } },
    ],
    ["images"],
  );
  const executable = await device.load({ entries: [entry] });
  const data = Uint8Array.from({ length: 700 * inputs }, (_, index) => (index * 31) % 256);
  executable.bind("images", await device.upload({ images: { data, rowLength: inputs } }));
  executable.write(
    "w",
    Float32Array.from({ length: 24 }, (_, index) => Math.sin(index)),
  );
  executable.write("schedule", new Float32Array(300).fill(0.001));
  const step = { first: 0, steps: 50 };
  executable.run("train", step);
  await executable.sync();

  const memory = await device.memory();
  const onDevice = countCalls(device.gpu);
  const onQueue = countCalls(device.gpu.queue);
  for (let round = 0; round < 10; round++) executable.run("train", step);
  await executable.sync();
  expect([...onDevice.keys()]).toEqual(["createCommandEncoder"]);
  const submits = onQueue.get("submit") as number;
  expect(onQueue.get("writeBuffer")).toBe(submits);
  expect(submits).toBeLessThan(500);
  expect(new Set(onQueue.keys())).toEqual(
    new Set(["submit", "writeBuffer", "onSubmittedWorkDone"]),
  );
  expect(await device.memory()).toEqual(memory);
  await device.close();
});
