import type { Backend, TypedArray } from "@hone/core/backend";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { pixels, recurrence } from "./test/programs.js";
import code from "./worker.ts?worker-text";

async function stateAfter(backend: Backend, steps: number): Promise<TypedArray> {
  const device = await backend.open();
  const executable = await device.load(recurrence());
  executable.bind("images", await device.upload({ images: pixels }));
  executable.write(
    "weights",
    Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
  );
  executable.run("step", { first: 0, steps });
  const [state] = await executable.read(["state"]);
  await device.close();
  return state as TypedArray;
}

test("in a page, a blob worker, a worker with an address and the page itself give the same bits", async () => {
  const workerUrl = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  expect(await wasm({ threads: 2 }).probe()).toMatchObject({ ok: true, info: { threads: 2 } });
  const here = await stateAfter(wasm({ worker: false }), 50);
  expect(Math.max(...here)).toBeGreaterThan(0.1);
  expect(await stateAfter(wasm(), 50)).toEqual(here);
  expect(await stateAfter(wasm({ threads: 3, shareFrom: 0 }), 50)).toEqual(here);
  expect(await stateAfter(wasm({ threads: 2, shareFrom: 0, workerUrl }), 50)).toEqual(here);
  expect(await stateAfter(wasm({ workerUrl }), 50)).toEqual(here);
});
