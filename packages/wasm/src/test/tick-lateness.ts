/** Does the calling thread stay free while a device trains? */
import { compile, type Dataset } from "@hone/core";
import { cnn } from "@hone/core/models";
import { wasm } from "../index.js";

const TICK_MS = 10;

/**
 * Trains the CNN for about `seconds` while a 10 ms timer ticks on this thread.
 * @returns how late each tick came, in milliseconds, latest first
 */
export async function ticksWhileTraining(data: Dataset, seconds: number): Promise<number[]> {
  const device = await wasm().open();
  const session = await compile(cnn({ seed: 1 }), { device, seed: 1 });
  // Loads what trains: tests run from source, where that is some sixty modules; built, it is two files, and costs no tick.
  await session.explain();
  const lateness: number[] = [];
  let expected = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    if (expected > 0) lateness.push(now - expected);
    expected = now + TICK_MS;
  }, TICK_MS);
  try {
    const untilMs = performance.now() + seconds * 1000;
    for await (const _record of session.steps(data, { epochs: 1000 })) {
      if (performance.now() > untilMs) break;
    }
  } finally {
    clearInterval(timer);
    session.close();
    await device.close();
  }
  return lateness.sort((a, b) => b - a);
}
