/** What a device without depthwise convolutions runs is what one with them does. */
import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { alteredBackend } from "./altered-backend.js";
import { caseGraph, runCaseGraph } from "./case-graph.js";
import { depthwiseCases } from "./cases/depthwise.js";
import { difference } from "./compare.js";

const reference = cpu({ precision: 64, worker: false });

const lacking = alteredBackend(reference, "cpu", {
  device: ({ target }) => ({
    target: { ...target, ops: target.ops.filter((op) => !op.includes("Depthwise")) },
  }),
});

test("depthwise convolutions and their gradients are what they expand to", async () => {
  // A zero between channels times NaN is NaN: a full convolution carries it further.
  const cases = depthwiseCases.filter(({ name }) => !name.includes("NaN"));
  const graph = caseGraph(cases);
  const [wanted, found] = await Promise.all(
    [reference, lacking].map(async (backend) => {
      const device = await backend.open();
      const results = await runCaseGraph(device, graph);
      await device.close();
      return results;
    }),
  );
  expect(wanted?.length).toBeGreaterThan(2 * cases.length);
  const faults = graph.compared.flatMap(({ opCase, what }, at) => {
    const tolerance = { ...opCase.tolerance, absolute: 1e-12, relative: 1e-12 };
    const [right, left] = [wanted?.[at], found?.[at]];
    if (!right || !left) return ["nothing to compare"];
    const fault = difference(left, right, tolerance);
    return fault ? [`${opCase.op} ${opCase.name}, ${what}: ${fault}`] : [];
  });
  expect(faults).toEqual([]);
});
