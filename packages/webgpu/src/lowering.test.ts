import type { DeviceInfo } from "@hone/core/backend";
import { expect, test } from "vitest";
import type { LoweredEntry } from "./dispatch.js";
import { lowering, parts } from "./lowering.js";
import { entryOf, operandOf } from "./test/operands.js";

const gpu = { backend: "webgpu", kind: "gpu" } as DeviceInfo;
const call = (op: string) => ({
  op,
  inputs: [operandOf("x", [2])],
  outputs: [operandOf("y", [2])],
  attributes: {},
});

test.each(parts.map((part) => [part.ops.split(" ")[0], part] as const))(
  "the part of %s has exactly the ops that it says",
  async (_, part) => {
    const { kernels } = await part.load();
    expect(Object.keys(kernels).sort()).toEqual(part.ops.split(" ").sort());
  },
);

test("every op is listed once", () => {
  const { ops } = lowering();
  expect(new Set(ops).size).toBe(parts.flatMap((part) => part.ops.split(" ")).length);
});

test("dispatches of one shader share it, also on the other side of a worker's border", async () => {
  const entry = entryOf("two", [call("Exp"), call("Exp"), call("Log")]);
  const lowered = (await lowering().lower(entry, gpu)) as LoweredEntry;
  const { dispatches } = structuredClone(lowered);
  expect(dispatches.map(({ label }) => label)).toEqual(["Exp", "Exp", "Log"]);
  expect(dispatches[0]?.shader).toBe(dispatches[1]?.shader);
  expect(dispatches[2]?.shader).not.toEqual(dispatches[0]?.shader);
  expect(lowered.calls).toEqual([]);
});

test("an op that no part has is refused by its call, and so is what every object has", async () => {
  for (const op of ["FusedNothing", "toString"]) {
    const refused = lowering().lower(entryOf("e", [call(op)]), gpu);
    await expect(refused).rejects.toMatchObject({ kind: "LacksOp" });
    await expect(refused).rejects.toThrow(`"e" ${op}: the webgpu backend has no kernel for op`);
  }
});
