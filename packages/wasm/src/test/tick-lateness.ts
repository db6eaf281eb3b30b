/** Does the calling thread stay free while a model is compiled, and while a device trains? */
import { compile, type Dataset } from "@hone/core";
import { cnn } from "@hone/core/models";
import { wasm } from "../index.js";

const TICK_MS = 10;

/** How late each tick of a 10 ms timer on this thread came during `work`, in milliseconds, latest first. */
async function ticksDuring(work: () => Promise<void>): Promise<number[]> {
  const lateness: number[] = [];
  let expected = performance.now() + TICK_MS;
  const tick = () => {
    const now = performance.now();
    lateness.push(now - expected);
    expected = now + TICK_MS;
  };
  const timer = setInterval(tick, TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    tick();
  }
  return lateness.sort((a, b) => b - a);
}

/** Compiles the CNN. */
export async function ticksWhileCompiling(): Promise<number[]> {
  const device = await wasm().open();
  const model = cnn({ seed: 1 });
  try {
    return await ticksDuring(async () => {
      const session = await compile(model, { device, seed: 1 });
      session.close();
    });
  } finally {
    await device.close();
  }
}

/** Trains the CNN for about `seconds`. */
export async function ticksWhileTraining(data: Dataset, seconds: number): Promise<number[]> {
  const device = await wasm().open();
  const session = await compile(cnn({ seed: 1 }), { device, seed: 1 });
  // Loads what trains: tests run from source, where that is some sixty modules; built, it is two files, and costs no tick.
  await session.explain();
  try {
    return await ticksDuring(async () => {
      const untilMs = performance.now() + seconds * 1000;
      for await (const _record of session.steps(data, { epochs: 1000 })) {
        if (performance.now() > untilMs) break;
      }
    });
  } finally {
    session.close();
    await device.close();
  }
}
