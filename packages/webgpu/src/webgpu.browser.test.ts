import { isHoneError } from "@hone/core/backend";
import { expect, test } from "vitest";
import { webgpu } from "./index.js";
import { trainedWeights } from "./test/small-training.js";
import code from "./worker.ts?worker-text";

test("in a page, a worker gives the bits that the page itself gives", async () => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const results = [];
  for (const backend of [webgpu(), webgpu({ worker: false }), webgpu({ workerUrl: url })]) {
    expect((await backend.probe()).ok).toBe(true);
    const device = await backend.open();
    results.push(await trainedWeights(device));
    await device.close();
    expect((await device.lost).expected).toBe(true);
  }
  URL.revokeObjectURL(url);
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  const still = Float32Array.from({ length: 24 }, (_, index) => Math.sin(index));
  expect(results[0]?.[0]).not.toEqual(still);
});

test("a provider and a worker exclude each other", () => {
  const provider = async () => navigator.gpu;
  expect(webgpu({ provider }).name).toBe("webgpu");
  let caught: unknown;
  try {
    webgpu({ provider, worker: true });
  } catch (error) {
    caught = error;
  }
  expect(isHoneError(caught, "BadArgument")).toBe(true);
});
