import { takeRows } from "@hone/core";
import { cpu } from "@hone/cpu";
import { mnist } from "@hone/data";
import { tfjs } from "@hone/tfjs";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { trainRate } from "./test/train-rate.js";

// Floors on a two-core machine; the figures reached are about twice as high.
test("one thread trains the CNN at 6,000 images a second, its first step within half a second", async () => {
  const { train } = await mnist();
  const { firstStepMs, imagesPerSecond } = await trainRate(
    wasm({ threads: 1 }),
    "cnn",
    takeRows(train, 0, 12_800),
    2,
  );
  expect(firstStepMs).toBeLessThan(500);
  expect(imagesPerSecond).toBeGreaterThan(6000);
});

test("one thread trains the MLP at 40,000 images a second", async () => {
  const { train } = await mnist();
  const { imagesPerSecond } = await trainRate(wasm({ threads: 1 }), "mlp", train, 3);
  expect(imagesPerSecond).toBeGreaterThan(40_000);
});

test("a second thread trains the CNN at least 1.3 times as fast", async () => {
  const { train } = await mnist();
  const rows = takeRows(train, 0, 12_800);
  const alone = await trainRate(wasm({ threads: 1 }), "cnn", rows, 3);
  const together = await trainRate(wasm({ threads: 2 }), "cnn", rows, 3);
  expect(together.imagesPerSecond / alone.imagesPerSecond).toBeGreaterThan(1.3);
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
