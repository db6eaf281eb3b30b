import { compile } from "@hone/core";
import { cnn } from "@hone/core/models";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { numbers } from "./test/one-op.js";

/** A program that asks now and then, as for a digit that is being drawn. */
const PAUSE_MS = 3;
const WARM_UP = 300;
const ASKED = 300;

// Both compute on one thread; what is left out is a message each way, some 50 µs beside as many of work.
test("with latency the CNN predicts one row in three quarters of the time at most", async () => {
  const device = await wasm().open();
  const model = cnn({ seed: 1 });
  const near = await compile(model, { device, latency: true });
  const far = await compile(model, { device });
  const row = numbers(784).map(Math.abs);
  const times = new Map([near, far].map((session) => [session, [] as number[]]));
  for (let asked = 0; asked < WARM_UP + ASKED; asked++) {
    for (const [session, taken] of times) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const beganMs = performance.now();
      await session.predict(row);
      if (asked >= WARM_UP) taken.push(performance.now() - beganMs);
    }
  }
  const [nearMs, farMs] = [...times.values()].map(median) as [number, number];
  expect(nearMs, `${nearMs} ms with latency, ${farMs} ms without`).toBeLessThanOrEqual(
    0.75 * farMs,
  );
  near.close();
  far.close();
  await device.close();
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
