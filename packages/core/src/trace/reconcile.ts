/**
 * Three traces of a model, at three batch sizes, become one template.
 *
 * What differs between the first two must be a linear function of the batch size; the third trace is the
 * proof. A constant may be such a number too (a mean over the batch divides by it): it becomes a `Fill`,
 * whose value is an attribute and so grows with the batch.
 */
import { HoneError } from "../errors.js";
import { atBatch, type ModelGraph, type Template } from "../graph/template.js";
import type { Graph, Node, Tensor } from "../graph/types.js";

/** The batch size of the third trace. */
export const PROOF_BATCH = 5;

export interface Trace {
  readonly model: ModelGraph;
  /** The layer that made a constant. */
  readonly constantLabels: ReadonlyMap<number, string>;
}

/** @throws UnsupportedModel naming the layer where the traces differ in more than the batch size */
export function reconcile(two: Trace, three: Trace, proof: Trace): Template<ModelGraph> {
  const [a, b] = [two.model.graph, three.model.graph];
  checkSameNodes(a, b, two);
  const counts = a.tensors
    .filter((tensor) => tensor.role === "constant" && grows(tensor, b.tensors[tensor.id], two))
    .map(({ id }) => id);
  const [first, second, third] = [two, three, proof].map((trace) => withFills(trace, counts));
  const template = { two: first as ModelGraph, three: second as ModelGraph };
  const interpolated = atBatch(template, PROOF_BATCH);
  const at = difference(interpolated.graph.nodes, third?.graph.nodes ?? []);
  if (at) refuse(at.label, "computes something that does not grow in step with the batch size");
  if (!isSame(interpolated, third)) {
    refuse(undefined, "makes tensors that do not grow in step with the batch size");
  }
  return template;
}

function checkSameNodes(a: Graph, b: Graph, trace: Trace): void {
  const at = a.nodes.find((node, index) => {
    const other = b.nodes[index];
    return node.op !== other?.op || !isSame(node.inputs, other.inputs);
  });
  if (at) refuse(at.label, "computes differently for different batch sizes");
  if (a.nodes.length !== b.nodes.length || a.tensors.length !== b.tensors.length) {
    const last = a.tensors.findLast(({ role }) => role === "constant");
    const label = last && trace.constantLabels.get(last.id);
    refuse(label, "computes differently for different batch sizes");
  }
  const fill = a.nodes.find((node, index) => {
    return node.op === "Fill" && node.attributes.value !== b.nodes[index]?.attributes.value;
  });
  if (fill) refuse(fill.label, "makes a constant that is another one every time");
}

/** True for a count that follows the batch size; false for a constant that stays. */
function grows(tensor: Tensor, other: Tensor | undefined, trace: Trace): boolean {
  const [before, after] = [tensor.value ?? [], other?.value ?? []];
  if (before.length === after.length && before.every((value, at) => Object.is(value, after[at]))) {
    return false;
  }
  const whole = [before[0], after[0]].every(Number.isInteger);
  if (whole && before.length === 1 && after.length === 1 && tensor.dtype === "float32") return true;
  return refuse(
    trace.constantLabels.get(tensor.id),
    "makes a constant that is another one every time, or as large as the batch",
  );
}

/** The same graph with these constants made by a `Fill` at its start. */
function withFills({ model, constantLabels }: Trace, ids: readonly number[]): ModelGraph {
  if (ids.length === 0) return model;
  const { tensors, nodes } = model.graph;
  const filled = new Set(ids);
  const fills = ids.map((id): Node => {
    const { shape, value } = tensors[id] as Tensor;
    const attributes = { shape: [...shape], value: value?.[0] ?? 0 };
    const label = constantLabels.get(id);
    const node = { op: "Fill", inputs: [], outputs: [id], attributes };
    return label === undefined ? node : { ...node, label };
  });
  const changed = tensors.map(
    ({ id, shape, dtype, ...rest }): Tensor =>
      filled.has(id) ? { id, shape, dtype, role: "scratch" } : { id, shape, dtype, ...rest },
  );
  return { ...model, graph: { tensors: changed, nodes: [...fills, ...nodes] } };
}

function difference(a: readonly Node[], b: readonly Node[]): Node | undefined {
  return a.find((node, index) => !isSame(node, b[index]));
}

/** Whether two pieces of plain data hold the same, numbers of arrays and typed arrays among it. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  if (Array.isArray(a) || ArrayBuffer.isView(a)) {
    const [some, others] = [a as ArrayLike<unknown>, b as ArrayLike<unknown>];
    if (some.length !== others.length) return false;
    for (let at = 0; at < some.length; at++) if (!isSame(some[at], others[at])) return false;
    return true;
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => isSame(left[key], right[key]))
  );
}

function refuse(label: string | undefined, what: string): never {
  throw new HoneError(
    "UnsupportedModel",
    label === undefined ? "trace" : `layer "${label}"`,
    `${what}. Use fixed values, a Dropout layer or randomNormal of @hone/core for randomness, and shapes taken from the input's.`,
  );
}
