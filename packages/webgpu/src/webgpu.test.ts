import { expect, test } from "vitest";
import { webgpu } from "./index.js";
import { useSoftwareDriver } from "./test/run-call.js";
import { trainedWeights } from "./test/small-training.js";

useSoftwareDriver();

test("in Node it runs on the calling thread and refuses a worker", async () => {
  expect(() => webgpu({ worker: true })).toThrow("a worker was asked for");
  const first = await webgpu().open();
  const second = await webgpu({ powerPreference: "low-power" }).open();
  expect(await trainedWeights(first)).toEqual(await trainedWeights(second));
  await first.close();
  await second.close();
});
