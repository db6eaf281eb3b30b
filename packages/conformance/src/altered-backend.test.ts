import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { alteredBackend } from "./altered-backend.js";

const a = { block: "a", byteOffset: 0, shape: [2], dtype: "float32" } as const;
const neg = { op: "Neg", inputs: [a], outputs: [a], attributes: {} };
const blocks = [{ name: "a", kind: "memory", bytes: 8 }] as const;
const entry = { name: "neg", blocks, buffers: { a }, constants: [], calls: [neg] };

test("an altered backend is altered on the calling thread too, and can still profile", async () => {
  const altered = alteredBackend(cpu({ precision: 32 }), "altered", {
    entry: (right) => ({ ...right, calls: right.calls.map((call) => ({ ...call, op: "Abs" })) }),
  });
  const device = await altered.open();
  const local = await device.local?.();
  expect(await device.local?.()).toBe(local);
  for (const one of [device, local]) {
    expect(one?.info.backend).toBe("altered");
    const executable = await one?.load({ entries: [entry] });
    executable?.write("a", Float32Array.of(-1, 2));
    const times = await executable?.profile?.("neg", { first: 0, steps: 1 });
    expect(times?.map(({ kernel }) => kernel)).toEqual(["Abs"]);
    expect(await executable?.read(["a"])).toEqual([Float32Array.of(1, 2)]);
  }
  await device.close();
});
