/** The same bits on any number of threads, every time; and teams that end with their device. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  pictures,
  type Trainee,
  Trainer,
  type TrainingRows,
  traineeOf,
  zooTrainee,
} from "@hone/conformance";
import type { Device } from "@hone/core/backend";
import { adam } from "@hone/core/internals";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { features } from "./features.js";
import { type WasmOptions, wasm } from "./index.js";
import openTeams from "./test/open-teams.ts?worker-text";

const BATCH = 32;
const STEPS = 50;
const soak = process.env.HONE_SOAK === "1";

/** Convolutions whose output is normalised, and so not pooled with them; then one whose is pooled. */
function normalised(): Trainee {
  const convolution = (filters: number, more = {}) =>
    layers.conv2d({ filters, kernelSize: 3, kernelInitializer: "glorotUniform", ...more });
  const model = sequential({
    layers: [
      convolution(8, { inputShape: [28, 28, 1], strides: 2 }),
      layers.batchNormalization(),
      layers.activation({ activation: "relu" }),
      convolution(9, { padding: "same", useBias: false }),
      layers.batchNormalization(),
      layers.leakyReLU({ alpha: 0.1 }),
      layers.averagePooling2d({ poolSize: 2 }),
      convolution(12, { activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.25, seed: 3 }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  const loss = "sparseCategoricalCrossentropy";
  const trainee = traineeOf(model, { name: "normalised", loss, optimizer: adam(1e-3) });
  model.dispose();
  return trainee;
}

const trainees = { cnn: zooTrainee("cnn"), mlp: zooTrainee("mlp"), normalised: normalised() };
type TraineeName = keyof typeof trainees;
const names = Object.keys(trainees) as TraineeName[];
const data: TrainingRows = pictures(BATCH * STEPS);

/** Of all weights, statistics and slots after training, and of every loss on the way. */
async function checksum(device: Device, name: TraineeName): Promise<string> {
  const options = { batch: BATCH, steps: STEPS, seed: 5 };
  const trainer = await Trainer.open(device, trainees[name], data, options);
  trainer.run(BATCH, 0, STEPS);
  const losses = await trainer.losses(0, STEPS);
  expect(losses.every(Number.isFinite), `losses ${losses}`).toBe(true);
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  const hash = createHash("sha256");
  for (const values of await trainer.executable.read([...trainer.memory, "metrics"])) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  trainer.dispose();
  return hash.digest("hex");
}

async function checksums(options: WasmOptions): Promise<string[]> {
  const device = await wasm({ shareFrom: 0, ...options }).open();
  const sums: string[] = [];
  for (const name of names) sums.push(await checksum(device, name));
  await device.close();
  return sums;
}

test("one thread or many, memory shared or not, in a worker or here: the bits are the same", async () => {
  const alone = await checksums({ worker: false, threads: 1, shared: false });
  expect(new Set(alone).size).toBe(names.length);
  const others: WasmOptions[] = [
    { worker: false, threads: 1 },
    { worker: false, threads: 1, shared: true },
    { worker: true, threads: 1, shared: false },
    { worker: true, threads: 1, shared: true },
    { worker: false, threads: 2 },
    { worker: true, threads: 2 },
    { worker: true, threads: 3 },
    { worker: false, threads: 4 },
    { worker: true, threads: 4 },
  ];
  for (const options of others) {
    expect(await checksums(options), JSON.stringify(options)).toEqual(alone);
  }
});

test("arithmetic that is not fused has bits of its own, the same on one thread and on three", async () => {
  const alone = await checksums({ relaxed: false, threads: 1, shared: false });
  expect(await checksums({ relaxed: false, threads: 3 })).toEqual(alone);
  expect(await checksums({ relaxed: false, threads: 1, shared: true })).toEqual(alone);
  const fused = await checksums({ threads: 1 });
  for (const [index, sum] of alone.entries()) {
    expect(sum === fused[index], names[index]).toBe(!features().fused);
  }
});

const repeats = soak ? 200 : 20;
test.each(names)(
  `${repeats} times 50 steps of %s on two threads give one checksum`,
  async (name) => {
    const device = await wasm({ threads: 2, shareFrom: 0 }).open();
    const found = new Map<string, number>();
    for (let repeat = 0; repeat < repeats; repeat++) {
      const sum = await checksum(device, name);
      found.set(sum, (found.get(sum) ?? 0) + 1);
    }
    await device.close();
    expect([...found.values()]).toEqual([repeats]);
  },
);

test("a helper that slept through a pause computes what one that never slept does", async () => {
  const device = await wasm({ threads: 3 }).open();
  const options = { batch: BATCH, steps: STEPS, seed: 5 };
  const after = async (pauseMs: number) => {
    const trainer = await Trainer.open(device, trainees.mlp, data, options);
    for (let step = 0; step < STEPS; step++) {
      trainer.run(BATCH, step, 1);
      if (pauseMs > 0) {
        await trainer.executable.sync();
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    const values = await trainer.executable.read(trainer.memory);
    trainer.dispose();
    return values;
  };
  expect(await after(5)).toEqual(await after(0));
  await device.close();
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "hone-threads-"));
  await writeFile(path.join(folder, "open-teams.cjs"), openTeams);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ending {
  readonly text: string;
  readonly code: number | null;
}

function endingOf(how: "close" | "leave", where: "worker" | "here"): Promise<Ending> {
  const child = spawn(process.execPath, [path.join(folder, "open-teams.cjs"), how, where], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (piece) => {
    text += piece;
  });
  // What hangs ends without a code.
  const overdue = setTimeout(() => child.kill("SIGKILL"), 50_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(overdue);
      resolve({ text, code });
    });
  });
}

test.each(["worker", "here"] as const)(
  "a process that never closes its device ends by itself (computing in a worker or here: %s)",
  async (where) => {
    expect(await endingOf("leave", where)).toEqual({ text: "left open\n", code: 0 });
  },
);

test.each(soak ? (["worker", "here"] as const) : (["worker"] as const))(
  "twenty devices of four threads, opened and closed, leave no thread behind (%s)",
  async (where) => {
    expect(await endingOf("close", where)).toEqual({ text: "0 threads left\n", code: 0 });
  },
);
