/**
 * Reverse-mode differentiation on the graph: walks the nodes backwards and lets each op's rule append
 * the nodes of its gradient. The result is graph like any other, so everything after it (planning,
 * fusing, the adapters) sees no difference between forward and backward.
 */
import { invariant } from "../errors.js";
import type { GraphBuilder } from "./builder.js";
import { commonGradients } from "./gradients/index.js";
import { findGradient, findOp, holdOps } from "./ops/index.js";
import { SliceGradients } from "./slice-gradients.js";

/**
 * Appends the gradients of a scalar loss.
 * @param seeds known gradients of the loss, by tensor: usually { losses → 1/rows }
 * @param wanted tensors to differentiate for
 * @returns for each wanted tensor that the loss depends on, the tensor holding its gradient
 */
export function gradients(
  builder: GraphBuilder,
  seeds: ReadonlyMap<number, number>,
  wanted: readonly number[],
): Map<number, number> {
  holdOps(commonGradients);
  const forward = [...builder.nodes];
  const active = dependents(builder, wanted);
  const found = new Map<number, number>();
  const accumulate = (tensor: number, gradient: number) => {
    const known = found.get(tensor);
    found.set(tensor, known === undefined ? gradient : builder.op("Add", [known, gradient]));
  };
  for (const [tensor, gradient] of seeds) if (active.has(tensor)) accumulate(tensor, gradient);

  const slices = new SliceGradients(builder);
  const gatherSlices = (tensor: number) => {
    for (const gradient of slices.take(tensor)) accumulate(tensor, gradient);
  };

  for (const node of forward.reverse()) {
    const rule = findGradient(node.op);
    if (findOp(node.op).inPlace || !rule) continue;
    // All that reads them stood behind this node, and so has been met.
    for (const id of node.outputs) gatherSlices(id);
    const [first, ...more] = node.outputs.map((id) => ({ output: id, dOutput: found.get(id) }));
    invariant(first, "gradients", `${node.op} has no result`);
    if (first.dOutput === undefined && more.every(({ dOutput }) => dOutput === undefined)) continue;
    builder.label = node.label;
    const { output } = first;
    const zeros = () => builder.op("Fill", [], { shape: [...builder.shape(output)], value: 0 });
    const dOutput = first.dOutput ?? zeros();
    const wantedInputs = node.inputs.map((input) => active.has(input));
    if (node.op === "Slice") {
      if (wantedInputs[0]) slices.add(node, dOutput);
      continue;
    }
    const results = rule({
      builder,
      inputs: node.inputs,
      output,
      dOutput,
      more,
      attributes: node.attributes,
      wanted: wantedInputs,
    });
    for (const [index, gradient] of results.entries()) {
      if (gradient !== undefined && wantedInputs[index]) {
        accumulate(node.inputs[index] as number, gradient);
      }
    }
  }
  for (const tensor of slices.waiting) gatherSlices(tensor);
  builder.label = undefined;
  return new Map(wanted.flatMap((id) => (found.has(id) ? [[id, found.get(id) as number]] : [])));
}

/** Every tensor computed, directly or not, from one of `sources`; and the sources themselves. */
function dependents(builder: GraphBuilder, sources: readonly number[]): Set<number> {
  const active = new Set(sources);
  for (const node of builder.nodes) {
    if (findOp(node.op).inPlace || !findGradient(node.op)) continue;
    if (node.inputs.some((input) => active.has(input))) {
      for (const output of node.outputs) active.add(output);
    }
  }
  return active;
}
