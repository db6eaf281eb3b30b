/** What the reference has itself, though targets may lack it: the expansion gives the same. */
import { isExpandable } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import { expect, test } from "vitest";
import { alteredBackend } from "./altered-backend.js";
import { caseGraph, runCaseGraph } from "./case-graph.js";
import { type CaseInput, opCases } from "./cases/index.js";
import { difference } from "./compare.js";

const reference = cpu({ precision: 64, worker: false });
const lacking = alteredBackend(reference, "lacking", {
  device: ({ target }) => ({
    target: { ...target, ops: target.ops.filter((op) => !isExpandable(op)) },
  }),
});

/** A product spreads what is not finite: OPS.md says so. */
const holdsNumbers = ({ values }: CaseInput) =>
  values.kind !== "list" || values.of.every(Number.isFinite);

test.each(["Gather", "UnsortedSegmentSum"])("%s is what it expands to", async (op) => {
  const cases = opCases.filter((opCase) => opCase.op === op && opCase.inputs.every(holdsNumbers));
  const [whole, without] = await Promise.all([reference.open(), lacking.open()]);
  expect(whole.target.ops).toContain(op);
  expect(without.target.ops).not.toContain(op);
  const graph = caseGraph(cases);
  const [wanted, found] = [await runCaseGraph(whole, graph), await runCaseGraph(without, graph)];
  const close = { absolute: 1e-12, relative: 1e-12, of: "tensor", reason: "64 bits" } as const;
  const faults = graph.compared.flatMap(({ opCase, what }, index) => {
    const [left, right] = [found[index], wanted[index]];
    const fault = left && right ? difference(left, right, close) : "was not read";
    return fault ? [`${opCase.name}: ${what}: ${fault}`] : [];
  });
  expect(faults).toEqual([]);
  expect(graph.compared.length).toBeGreaterThan(cases.length);
  await Promise.all([whole.close(), without.close()]);
});
