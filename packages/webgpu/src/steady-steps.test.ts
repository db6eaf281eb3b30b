import { expect, test } from "vitest";
import { openGpu } from "./test/run-call.js";
import { loadSmallTraining } from "./test/small-training.js";

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
  const device = await openGpu();
  const executable = await loadSmallTraining(device);
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
