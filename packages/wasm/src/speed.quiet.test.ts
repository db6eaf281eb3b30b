import { takeRows } from "@hone/core";
import { cpu } from "@hone/cpu";
import { mnist } from "@hone/data";
import { tfjs } from "@hone/tfjs";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { multiplyAddRate } from "./test/multiply-add-rate.js";
import { trainRate } from "./test/train-rate.js";

/**
 * Floors in images a second for each billion operations a second that one thread of the machine does at best, since
 * machines differ by half. Reached were 144 to 166 and 840 to 1,220, on an AMD EPYC that does 41 to 49 of them.
 */
const FLOORS = { cnn: 100, mlp: 600 } as const;

/** Images a second, and for each billion operations a second of a thread, before and after. */
async function oneThread(name: keyof typeof FLOORS, rows: number, epochs: number) {
  const { train } = await mnist();
  const before = multiplyAddRate();
  const reached = await trainRate(wasm({ threads: 1 }), name, takeRows(train, 0, rows), epochs);
  const machine = (before + multiplyAddRate()) / 2;
  const said = `${Math.round(reached.imagesPerSecond)} images/s, ${machine.toFixed(1)} GFLOP/s`;
  return { ...reached, said, perBillion: reached.imagesPerSecond / machine };
}

test("one thread trains the CNN at a pace that its machine allows, its first step within half a second", async () => {
  const { firstStepMs, perBillion, said } = await oneThread("cnn", 12_800, 3);
  expect(firstStepMs).toBeLessThan(500);
  expect(perBillion, said).toBeGreaterThan(FLOORS.cnn);
});

test("one thread trains the MLP at a pace that its machine allows", async () => {
  const { perBillion, said } = await oneThread("mlp", 60_000, 3);
  expect(perBillion, said).toBeGreaterThan(FLOORS.mlp);
});

// Another program of the machine may slow one run.
test("a second thread trains the CNN at least 1.3 times as fast", { retry: 2 }, async () => {
  const { train } = await mnist();
  const rows = takeRows(train, 0, 12_800);
  const best = { 1: 0, 2: 0 };
  // In turns, so that a drift of the machine strikes both.
  for (const threads of [1, 2, 2, 1] as const) {
    const { imagesPerSecond } = await trainRate(wasm({ threads }), "cnn", rows, 2);
    best[threads] = Math.max(best[threads], imagesPerSecond);
  }
  expect(best[2] / best[1]).toBeGreaterThan(1.3);
});

/** Stock tfjs takes a third of a second an image: the long form has the time. */
const soaking = test.skipIf(process.env.HONE_SOAK !== "1");

soaking(
  "JavaScript trains the CNN ten times as fast as stock tfjs does in JavaScript",
  async () => {
    const { train } = await mnist();
    const ours = await trainRate(cpu(), "cnn", takeRows(train, 0, 320), 2);
    const stock = await trainRate(tfjs("cpu"), "cnn", takeRows(train, 0, 64), 1);
    expect(ours.imagesPerSecond / stock.imagesPerSecond).toBeGreaterThan(10);
  },
);
