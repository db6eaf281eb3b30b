/** What a model's life on a device leaves behind: no tensor of tfjs, no worker, no thread. */
import { readdirSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { backends } from "./index.js";
import { cycle } from "./test/compile-cycles.js";

const soak = process.env.HONE_SOAK === "1";
const living = new Set<Worker>();
process.on("worker", (worker: Worker) => {
  living.add(worker);
  worker.once("exit", () => living.delete(worker));
});

/** Helper threads of a device's worker are no workers of this thread. */
const threads = () =>
  process.platform === "linux" ? readdirSync("/proc/self/task").length : undefined;

test.each(backends().map((backend) => [backend.name, backend] as const))(
  "compiled and closed many times on %s, models leave no tensor of tfjs and no worker",
  async (name, backend) => {
    const cycles = soak ? 200 : name === "webgpu" ? 3 : 12;
    await cycle(backend, 1);
    await expect.poll(() => living.size).toBe(0);
    const before = { tensors: tf.engine().state.numTensors, threads: threads() };
    for (let count = 0; count < cycles; count++) {
      await cycle(backend, count);
      expect(tf.engine().state.numTensors).toBe(before.tensors);
    }
    await expect.poll(() => living.size).toBe(0);
    // Dawn keeps a thread or two of every device for which it has compiled pipelines in the background.
    if (name !== "webgpu") await expect.poll(threads).toBe(before.threads);
  },
);
