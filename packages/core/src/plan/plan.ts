/** Graph + Target → Program. A pure function: the same graph and target give the same program. */
import { invariant } from "../errors.js";
import { countFlops, findOp } from "../graph/ops/index.js";
import type { Graph, Tensor } from "../graph/types.js";
import { atOnce, type Pieces } from "../turns.js";
import { fitInPieces } from "./fuse.js";
import { checkBlocks, type LayoutTarget, layOut } from "./memory.js";
import type { Call, Entry, Operand } from "./program.js";

/** The part of a device's Target that planning reads. */
export interface PlanTarget extends LayoutTarget {
  readonly ops: readonly string[];
  readonly maxBlockBytes: number;
}

/**
 * Plans one entry.
 * @param name unique within an executable, as `train@64`
 * @throws LacksOp when the target lacks an op; OutOfMemory when a block is larger than it can hold
 */
export function planEntry(name: string, graph: Graph, target: PlanTarget): Entry {
  return atOnce(planInPieces(name, graph, target));
}

/** The same, in pieces between which the thread may do something else. @throws as `planEntry` */
export function* planInPieces(name: string, graph: Graph, target: PlanTarget): Pieces<Entry> {
  const fitted = yield* fitInPieces(graph, target.ops);
  yield;
  const { blocks, operands } = layOut(fitted, name, target);
  yield;
  checkBlocks(blocks, target.maxBlockBytes, name);
  const operand = (id: number): Operand => {
    const found = operands.get(id);
    invariant(found, "plan", `tensor ${id} of ${name} has no memory`);
    return found;
  };
  const tensorOf = (id: number) => fitted.tensors[id] as Tensor;
  const calls = fitted.nodes
    .filter(({ op }) => !findOp(op).alias)
    .map(
      (node): Call => ({
        op: node.op,
        inputs: node.inputs.map(operand),
        outputs: node.outputs.map(operand),
        attributes: node.attributes,
        flops: countFlops(
          node.op,
          node.inputs.map(tensorOf),
          tensorOf(node.outputs[0] as number),
          node.attributes,
        ),
        ...(node.label === undefined ? {} : { label: node.label }),
      }),
    );
  const buffers: Record<string, Operand> = {};
  const constants: Entry["constants"][number][] = [];
  for (const { id, name: title, role, value, resident } of fitted.tensors) {
    const place = operands.get(id);
    if (!place) continue;
    if (role === "constant" && value) constants.push({ operand: place, value });
    else if (title !== undefined && !resident) buffers[title] = place;
  }
  return { name, blocks, buffers, constants, calls };
}
