/** Every op case on the tested backend against the reference: values and gradients. */
import type { Device } from "@hone/core/backend";
import { findOp, isExpandable, missing } from "@hone/core/internals";
import { type CaseGraph, caseGraph, rangeOf, runCaseGraph } from "./case-graph.js";
import { type OpCase, opCases } from "./cases/index.js";
import { type Check, expectNoFaults, expectThat, type LeftOut } from "./check.js";
import { difference } from "./compare.js";

/** How a device does an op. */
export type Support = "itself" | "expanded" | "missing";

/** How a device that lists `ops` does the op `name`; one that only plans make, by what it is made of. */
export function supportOf(name: string, ops: readonly string[]): Support {
  if (ops.includes(name)) return "itself";
  if (isExpandable(name)) return "expanded";
  const cases = opCases.filter(({ op }) => op === name);
  const isMade =
    cases.length > 0 && cases.every(({ nodes }) => nodes?.every(({ op }) => op !== name));
  return isMade && missing(caseGraph(cases).graph, ops).length === 0 ? "expanded" : "missing";
}

/** Op names of the cases, fused ones included. */
export const testedOps: readonly string[] = [...new Set(opCases.map(({ op }) => op))];

const supportCheck: Check = {
  name: "it has every op, itself or in expansion",
  run: async (context) => {
    const { ops } = (await context.device()).target;
    const mayBeMissing = (op: string) => {
      const lacks = lackedBy(
        opCases.filter((opCase) => opCase.op === op),
        ops,
      );
      return lacks.length > 0 && lacks.every((name) => context.mayLack.includes(name));
    };
    const lacking = testedOps.filter(
      (op) => !findOp(op).alias && supportOf(op, ops) === "missing" && !mayBeMissing(op),
    );
    expectThat(lacking.length === 0, `it lacks ${lacking.join(", ")}`);
    const lines = (["expanded", "missing"] as const).flatMap((support) => {
      const found = testedOps.filter((op) => !findOp(op).alias && supportOf(op, ops) === support);
      return found.length > 0 ? [`${support}: ${found.join(", ")}`] : [];
    });
    return lines.length > 0 ? lines.join("; ") : undefined;
  },
};

const lackedBy = (cases: readonly OpCase[], ops: readonly string[]) =>
  missing(caseGraph(cases).graph, ops);

function opCheck(op: string): Check {
  const cases = opCases.filter((opCase) => opCase.op === op);
  return {
    name: `${op} agrees with the reference (${cases.length} cases)`,
    run: async (context) => {
      const [device, reference] = [await context.device(), await context.reference()];
      const { ops } = device.target;
      const lacking = new Set<string>();
      const applicable = cases.flatMap((opCase) => {
        const lacks = lackedBy([opCase], ops);
        if (lacks.length === 0 || !lacks.every((name) => context.mayLack.includes(name))) {
          return [opCase];
        }
        for (const name of lacks) lacking.add(name);
        // Where only the gradient needs what is lacking, the value is compared all the same.
        const { gradient: _, ...valueOnly } = opCase;
        return lackedBy([valueOnly], ops).length === 0 ? [valueOnly] : [];
      });
      const faults: string[] = [];
      for (const group of groupedByRange(applicable)) {
        faults.push(...(await faultsOf(device, reference, group, caseGraph(group))));
      }
      expectNoFaults(faults);
      return lacking.size > 0 ? remark(cases, applicable, [...lacking]) : undefined;
    },
  };
}

/** What was left out of an op's cases. */
function remark(
  cases: readonly OpCase[],
  applicable: readonly OpCase[],
  lacking: readonly string[],
): string | LeftOut {
  const why = `the device lacks ${lacking.join(", ")}`;
  if (applicable.length === 0) return { leftOut: why };
  const withGradient = (of: readonly OpCase[]) => of.filter(({ gradient }) => gradient).length;
  const gradients = withGradient(cases) - withGradient(applicable);
  return `left out ${cases.length - applicable.length} cases and ${gradients} gradients: ${why}`;
}

/** The checks of every op. */
export const opChecks: readonly Check[] = [supportCheck, ...testedOps.map(opCheck)];

function groupedByRange(cases: readonly OpCase[]): OpCase[][] {
  const groups = new Map<string, OpCase[]>();
  for (const opCase of cases) {
    const { first, steps } = rangeOf(opCase);
    const key = `${first}+${steps}`;
    groups.set(key, [...(groups.get(key) ?? []), opCase]);
  }
  return [...groups.values()];
}

/** A group runs at once; where it cannot run at all, each case runs alone, to find the one at fault. */
async function faultsOf(
  device: Device,
  reference: Device,
  group: readonly OpCase[],
  graph: CaseGraph,
): Promise<string[]> {
  const wanted = await runCaseGraph(reference, graph);
  try {
    const found = await runCaseGraph(device, graph);
    return graph.compared.flatMap(({ opCase, what, tolerance }, index) => {
      const [left, right] = [found[index], wanted[index]];
      const fault = left && right ? difference(left, right, tolerance) : "was not read";
      return fault ? [`${opCase.op} ${opCase.name}: ${what}: ${fault}`] : [];
    });
  } catch (error) {
    if (group.length === 1) return [`${group[0]?.op} ${group[0]?.name}: ${messageOf(error)}`];
    const faults: string[] = [];
    for (const opCase of group) {
      faults.push(...(await faultsOf(device, reference, [opCase], caseGraph([opCase]))));
    }
    return faults.length > 0 ? faults : [`all cases together: ${messageOf(error)}`];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
