/** Does the calling thread stay free while a model is compiled, and while a device trains? */
import { compile, type Dataset } from "@hone/core";
import { cnn } from "@hone/core/models";
import { wasm } from "../index.js";

const TICK_MS = 10;

/** Of the ticks of a 10 ms timer on the calling thread, in milliseconds, the largest first. */
export interface Ticks {
  /** How late each came. */
  readonly late: readonly number[];
  /**
   * How long this thread computed before each: what the project does to it, where other programs of the machine may hold
   * up a tick as well. As `late` where the system does not tell.
   */
  readonly computed: readonly number[];
}

/** Milliseconds that the calling thread has computed; undefined where that is not told. */
type ComputedMs = () => number | undefined;

async function ticksDuring(
  work: () => Promise<void>,
  computedMs: ComputedMs = () => undefined,
): Promise<Ticks> {
  const [late, computed]: [number[], number[]] = [[], []];
  let expected = performance.now() + TICK_MS;
  let before = computedMs();
  const tick = () => {
    const now = performance.now();
    const after = computedMs();
    late.push(now - expected);
    computed.push(before === undefined || after === undefined ? now - expected : after - before);
    expected = now + TICK_MS;
    before = after;
  };
  const timer = setInterval(tick, TICK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    tick();
  }
  const largestFirst = (values: number[]) => values.sort((a, b) => b - a);
  return { late: largestFirst(late), computed: largestFirst(computed) };
}

/** Compiles the CNN. */
export async function ticksWhileCompiling(computedMs?: ComputedMs): Promise<Ticks> {
  const device = await wasm().open();
  const model = cnn({ seed: 1 });
  try {
    return await ticksDuring(async () => {
      const session = await compile(model, { device, seed: 1 });
      session.close();
    }, computedMs);
  } finally {
    await device.close();
  }
}

/** Trains the CNN for about `seconds`. */
export async function ticksWhileTraining(
  data: Dataset,
  seconds: number,
  computedMs?: ComputedMs,
): Promise<Ticks> {
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
    }, computedMs);
  } finally {
    session.close();
    await device.close();
  }
}
