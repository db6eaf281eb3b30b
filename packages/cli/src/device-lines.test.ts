import type { Device } from "@hone/core";
import { expect, test } from "vitest";
import { deviceLines } from "./device-lines.js";
import type { OpenedDevice } from "./devices.js";

const device = {
  info: { backend: "wasm", description: "WASM relaxed SIMD, 2 threads" },
} as unknown as Device;
const figures = { openMs: 1, compileMs: 1 };
const hint =
  "install the GPU's driver and the loader (Debian: apt-get install libvulkan1), or set VK_ICD_FILENAMES=/usr/lib/x.json";
const opened: OpenedDevice = {
  device,
  why: "wasm: 2 ms a step; cpu dropped; webgpu refused",
  candidates: [
    {
      name: "wasm",
      outcome: "chosen",
      reason: "",
      figures: { ...figures, stepMs: 2, totalMs: 1000 },
    },
    { name: "cpu", outcome: "dropped", reason: "", figures: { ...figures, totalMs: 3900 } },
    { name: "webgpu", outcome: "refused", reason: "no loader", hint },
  ],
};

test("a newcomer reads what was chosen, by how much, and what would help, each on a line of a terminal", () => {
  expect(deviceLines(opened)).toEqual([
    "Backend    wasm: WASM relaxed SIMD, 2 threads",
    "Ahead      at least 3.9 times as fast as cpu at this work",
    "Would help webgpu: install the GPU's driver and the loader",
  ]);
});

test("a backend that was asked for is named alone, and no line is longer than a terminal", () => {
  const long = { info: { backend: "wasm", description: "x".repeat(90) } } as unknown as Device;
  const lines = deviceLines({ device: long, why: "asked for", candidates: [] });
  expect(lines).toHaveLength(1);
  expect([...(lines[0] ?? "")]).toHaveLength(80);
});
