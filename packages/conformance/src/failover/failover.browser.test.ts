/** In a page: a training whose GPU goes away, or whose worker is ended, goes on on another backend. */
import { type Device, RandomStream } from "@hone/core";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, trained, trainedThrough } from "./test/trained.js";

/** vitest.config.mjs says it. */
declare const __HONE_SOAK__: boolean;
const MOMENTS = __HONE_SOAK__ ? 30 : 1;

let device: Device;
let inPeace: Ended;
beforeAll(async () => {
  device = await wasm({ threads: 1 }).open();
  inPeace = await trained(device, false);
});
afterAll(() => device.close());

test("a destroyed GPU hands its training on, to the loss it would have had", async () => {
  const random = new RandomStream(1, 8);
  for (let index = 0; index < MOMENTS; index++) {
    const backends = [wasm({ threads: 1 })];
    const after = 2 + random.nextInteger(60);
    const ended = await trainedThrough(webgpu(), "destroy GPU device", after, { backends });
    expect(Math.abs(ended.loss - inPeace.loss)).toBeLessThan(1e-3);
    expect(ended.moves).toMatchObject([{ kind: "moved", sameArithmetic: false }]);
    await expect.poll(ended.workersLeft).toBe(0);
  }
});

test("a worker that is ended hands its training on, to the same bits on the same arithmetic", async () => {
  const random = new RandomStream(2, 8);
  for (let index = 0; index < MOMENTS; index++) {
    const backends = [wasm({ threads: 1 })];
    const after = 2 + random.nextInteger(60);
    const failover = { backends, patienceMs: 1500 };
    const ended = await trainedThrough(wasm({ threads: 1 }), "terminate worker", after, failover);
    expect(ended.weights).toEqual(inPeace.weights);
    expect(ended.moves).toMatchObject([{ kind: "moved", sameArithmetic: true }]);
    await expect.poll(ended.workersLeft).toBe(0);
  }
});
