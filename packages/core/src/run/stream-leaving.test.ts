/** A stream whose shard takes for ever to fill can be left all the same. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";

let device: Device;
beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ precision: 64, worker: false }).open();
});
afterAll(() => device.close());

const begun = () =>
  compile(sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] }), {
    device,
    loss: "meanSquaredError",
  });
const batch = (rows: number) => ({
  x: { data: new Float32Array(rows), shape: [rows, 1] },
  y: { data: new Float32Array(rows), shape: [rows, 1] },
});

test("an abort ends a fit that waits for more of an endless stream", async () => {
  const session = await begun();
  const abort = new AbortController();
  let ended = false;
  async function* endless() {
    try {
      for (let given = 0; ; given++) {
        await new Promise((resolve) => setTimeout(resolve));
        if (given === 5) abort.abort();
        yield batch(2);
      }
    } finally {
      ended = true;
    }
  }
  await expect(session.fit(endless, { epochs: 1, signal: abort.signal })).rejects.toMatchObject({
    kind: "Aborted",
  });
  expect(ended).toBe(true);
  session.close();
});

test("breaking out of the steps does not wait until the next shard is full", async () => {
  const session = await begun();
  let left = false;
  async function* endless() {
    try {
      yield batch(2);
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve));
        yield batch(3);
      }
    } finally {
      left = true;
    }
  }
  const stream = async function* () {
    // Shards of their own begin where the size changes: the first is there at once, the second never full.
    yield* endless();
  };
  for await (const record of session.steps(stream, { epochs: 1 })) {
    expect(record.kind).toBe("progress");
    break;
  }
  expect(left).toBe(true);
  session.close();
});
