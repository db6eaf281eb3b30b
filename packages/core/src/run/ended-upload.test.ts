/** A signal is heard also while a data set is on its way: 47 MB, as MNIST is with its bytes as they are stored. */
import { cpu } from "@hone/cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import type { Dataset } from "./dataset.js";
import { Session } from "./session.js";
import { FEATURES, tinyData, tinyParts } from "./test/tiny-model.js";

const BYTES = 47_000_000;
const rows = Math.floor(BYTES / (4 * FEATURES));
const features = new Float32Array(rows * FEATURES).fill(0.5);
const plain = { scale: 1, offset: 0 };
const large: Dataset = {
  name: "large",
  rows,
  columns: {
    x: { data: features, shape: [FEATURES], ...plain },
    y: { data: new Uint8Array(rows), shape: [], ...plain },
  },
};
const small = tinyData(64);

let device: Device;
beforeAll(async () => {
  device = await cpu().open();
});
afterAll(() => device.close());

/** Turns of this thread until `promise` has settled. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  let turns = 0;
  while (!isSettled) {
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return turns;
}

const aborted = { kind: "Aborted", cause: { name: "AbortError" } };

test.each(["while it is copied", "when the worker has it"])(
  "a device's upload ends %s, within a turn, and leaves nothing",
  async (when) => {
    const ending = new AbortController();
    const before = await device.memory();
    const columns =
      when === "while it is copied"
        ? { x: { data: features, rowLength: FEATURES } }
        : { x: { data: new Float32Array(8), rowLength: 4 } };
    const uploading = device.upload(columns, { signal: ending.signal });
    if (when === "while it is copied") await new Promise((resolve) => setImmediate(resolve));
    ending.abort();
    expect(await turnsUntil(uploading)).toBeLessThanOrEqual(2);
    await expect(uploading).rejects.toMatchObject(aborted);
    expect(await device.memory()).toEqual(before);
    await expect(device.upload(columns, { signal: ending.signal })).rejects.toMatchObject(aborted);
    const kept = await device.upload(columns);
    expect(kept.rows).toBe(columns.x.data.length / columns.x.rowLength);
    kept.dispose();
    expect(await device.memory()).toEqual(before);
  },
);

test.each(["fit", "evaluate"] as const)(
  "%s ends in an upload, and the session goes on",
  async (verb) => {
    const session = new Session(tinyParts(device));
    await session.fit(small, { epochs: 1 });
    const before = await session.weights();
    const ending = new AbortController();
    const uploads: Promise<unknown>[] = [];
    let held: unknown;
    const { upload } = device;
    const watched = Object.assign(device, {
      upload: async (...given: Parameters<Device["upload"]>) => {
        held = await device.memory();
        const uploading = upload(...given);
        uploads.push(uploading);
        // In the next turn, in the middle of the copy.
        setImmediate(() => ending.abort());
        return uploading;
      },
    });
    try {
      const { signal } = ending;
      const asked =
        verb === "fit" ? session.fit(large, { signal }) : session.evaluate(large, { signal });
      await expect(asked).rejects.toMatchObject(aborted);
    } finally {
      Object.assign(watched, { upload });
    }
    expect(uploads).toHaveLength(1);
    await expect(uploads[0]).rejects.toMatchObject(aborted);
    expect(await device.memory()).toEqual(held);
    expect(await session.weights()).toEqual(before);
    const { history } = await session.fit(small, { epochs: 1 });
    expect(history.loss?.[0]).toBeGreaterThan(0);
    session.close();
  },
);

test("a prediction of many rows ends between two batches", async () => {
  const session = new Session(tinyParts(device));
  const many = new Float32Array(200_000 * FEATURES);
  const ending = new AbortController();
  const asked = session.predict(many, { signal: ending.signal });
  setTimeout(() => ending.abort());
  await expect(asked).rejects.toMatchObject(aborted);
  await expect(session.predict(many, { signal: ending.signal })).rejects.toMatchObject(aborted);
  expect((await session.predict(many.subarray(0, FEATURES))).shape[0]).toBe(1);
  await expect(session.predict(many, { sgnal: 1 } as never)).rejects.toThrow(/no option "sgnal"/);
  session.close();
});
