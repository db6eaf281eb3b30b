/** A GPU that goes away in the middle of a training, and one that is moved to and left again. */
import { type Device, RandomStream } from "@hone/core";
import { wasm } from "@hone/wasm";
import { webgpu } from "@hone/webgpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, moved, trained, trainedThrough } from "./test/trained.js";

const MOMENTS = process.env.HONE_SOAK ? 30 : 1;

let device: Device;
let other: Device;
let inPeace: Ended;
beforeAll(async () => {
  device = await webgpu().open();
  other = await wasm({ threads: 1 }).open();
  inPeace = await trained(device, false);
});
afterAll(() => Promise.all([device.close(), other.close()]));

test("a destroyed GPU hands its training on, to the loss it would have had", async () => {
  const random = new RandomStream(1, 8);
  for (let index = 0; index < MOMENTS; index++) {
    const backends = [wasm({ threads: 1 })];
    const after = 2 + random.nextInteger(60);
    const ended = await trainedThrough(webgpu(), "destroy GPU device", after, { backends });
    expect(Math.abs(ended.loss - inPeace.loss)).toBeLessThan(1e-3);
    expect(ended.moves).toMatchObject([{ kind: "moved", sameArithmetic: false }]);
  }
});

test("a training that moves from wasm to a GPU and back ends with the loss it would have had", async () => {
  const random = new RandomStream(2, 8);
  for (let index = 0; index < MOMENTS; index++) {
    const ended = await moved(other, [device, other], 2 + random.nextInteger(25));
    expect(ended.moves.map(({ sameArithmetic }) => sameArithmetic)).toEqual([false, false]);
    expect(Math.abs(ended.loss - inPeace.loss)).toBeLessThan(1e-3);
  }
});
