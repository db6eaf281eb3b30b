/**
 * Whether a graph needs the passes of late-passes.ts, and the one place where they are once they are loaded. Graph and
 * target alone decide, so that every page plans alike, whatever else it has loaded.
 */
import { invariant } from "../errors.js";
import { BROADCASTING, UNARY } from "../graph/ops/elementwise.js";
import { isExpandable, loadOps, opsOf } from "../graph/ops/index.js";
import type { Graph } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

type Pass = (graph: Rewriter, ops: readonly string[]) => void;

let held: Pass | undefined;

export function holdLateFusions(pass: Pass): void {
  held = pass;
}

/** The late passes, for a graph that needs them. @throws Internal when they are not loaded */
export function lateFusionsFor(graph: Graph, ops: readonly string[]): Pass | undefined {
  if (!needsLateFusions(graph, ops)) return undefined;
  invariant(held, "plan", "the passes for sums and gradients are not loaded");
  return held;
}

/** Loads what planning a graph for a target with these ops needs and few pages have. */
export async function readyToPlan(graph: Graph, ops: readonly string[]): Promise<void> {
  await loadOps(opsOf(graph));
  if (held || !needsLateFusions(graph, ops)) return;
  holdLateFusions((await import("./late-passes.js")).lateFusions);
}

const PRODUCTS = ["Multiply", "Neg", "Square"];
/** But for Identity, which every prediction ends with. */
const ELEMENTWISE = new Set([...UNARY, ...BROADCASTING, "Select"]);
ELEMENTWISE.delete("Identity");

/** True where there are gradients, a sum of products, or a chain, or what becomes some, for a target that has Map. */
function needsLateFusions({ nodes }: Graph, ops: readonly string[]): boolean {
  const makers = new Map<number | undefined, string>();
  const chained = ops.includes("Map") ? ELEMENTWISE : new Set<string>();
  return nodes.some(({ op, inputs, outputs }) => {
    makers.set(outputs[0], op);
    const isOf = (has: (maker: string) => boolean) =>
      inputs.some((id) => has(makers.get(id) ?? ""));
    return (
      op === "Step" ||
      op === "MaxPoolGrad" ||
      (op === "Sum" && isOf((maker) => PRODUCTS.includes(maker))) ||
      (chained.has(op) && isOf((maker) => chained.has(maker))) ||
      (chained.size > 0 && !ops.includes(op) && isExpandable(op))
    );
  });
}
