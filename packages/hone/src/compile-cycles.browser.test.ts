import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { cdp } from "vitest/browser";
import { backends } from "./index.js";
import { cycle } from "./test/compile-cycles.js";

declare const __HONE_SOAK__: boolean;

const wait = { timeout: 10_000, interval: 50 };

interface Targets {
  send(
    method: "Target.getTargets",
    words: object,
  ): Promise<{ readonly targetInfos: readonly { readonly targetId: string }[] }>;
}

/** All workers of the browser, those that workers have started too. */
async function targets(): Promise<readonly string[]> {
  const filter = [{ type: "worker" }];
  const session = cdp() as unknown as Targets;
  const { targetInfos } = await session.send("Target.getTargets", { filter });
  return targetInfos.map(({ targetId }) => targetId);
}

/** The browser tells for some time of workers of the pages before this one, which ended before they had their script. */
let ofOtherPages: readonly string[];
beforeAll(async () => {
  ofOtherPages = await targets();
});

/** How many this page has. */
async function workers(): Promise<number> {
  return (await targets()).filter((target) => !ofOtherPages.includes(target)).length;
}

test.each(backends().map((backend) => [backend.name, backend] as const))(
  "compiled and closed many times on %s in a page, models leave no tensor of tfjs and no worker",
  async (name, backend) => {
    const cycles = __HONE_SOAK__ ? 200 : name === "webgpu" ? 1 : 6;
    await expect.poll(workers, wait).toBe(0);
    const device = await backend.open();
    await expect.poll(workers, wait).toBe(name === "wasm" ? device.info.threads : 1);
    await device.close();
    await cycle(backend, 1);
    const { numTensors } = tf.engine().state;
    for (let count = 0; count < cycles; count++) {
      await cycle(backend, count);
      expect(tf.engine().state.numTensors).toBe(numTensors);
    }
    await expect.poll(workers, wait).toBe(0);
  },
);

test("threads of wasm end with their device, though it is closed as soon as it is open", async () => {
  const [, wasm] = backends();
  // Of a hundred devices whose worker ended its threads just before it was ended, one or two stayed for ever.
  for (let count = 0; count < (__HONE_SOAK__ ? 60 : 20); count++)
    await (await wasm?.open())?.close();
  await expect.poll(workers, wait).toBe(0);
});
