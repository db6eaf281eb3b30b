/**
 * Sums that need not see their terms stored, as batch normalisation and its gradient are full of:
 *
 *   Sum(Neg(x)) → Neg(Sum(x))                     the sign of a few results instead of all terms
 *   small · (x · 2ᵏ) → (small · 2ᵏ) · x           exact, since a power of two only moves the exponent
 *   Sum(a · b), Sum(x²) → MultiplySum             where the target has it
 */
import { sizeOf } from "../graph/geometry.js";
import type { Node } from "../graph/types.js";
import type { Rewriter } from "./rewriter.js";

export function fuseSums(graph: Rewriter, ops: readonly string[]): void {
  for (const node of graph.nodes) if (node.op === "Sum") moveSign(graph, node);
  for (const node of graph.nodes) if (node.op === "Multiply") moveFactor(graph, node);
  if (!ops.includes("MultiplySum")) return;
  for (const node of graph.nodes) if (node.op === "Sum") fuseProduct(graph, node);
}

/** The node that makes a tensor for this one reader alone. */
function privateMaker(graph: Rewriter, id: number, reader: Node): Node | undefined {
  return graph.onlyReader(id) === reader ? graph.maker(id) : undefined;
}

function moveSign(graph: Rewriter, sum: Node): void {
  const negation = privateMaker(graph, sum.inputs[0] as number, sum);
  if (negation?.op !== "Neg" || !graph.isStable(negation.inputs, negation, sum)) return;
  const output = sum.outputs[0] as number;
  const total = graph.scratch(graph.tensor(output));
  const label = sum.label === undefined ? {} : { label: sum.label };
  graph.replace(
    [negation],
    new Map([
      [
        sum,
        [
          { ...sum, inputs: negation.inputs, outputs: [total] },
          { op: "Neg", inputs: [total], outputs: [output], attributes: {}, ...label },
        ],
      ],
    ]),
  );
}

function moveFactor(graph: Rewriter, outer: Node): void {
  const size = (id: number) => sizeOf(graph.tensor(id).shape);
  for (const [index, id] of outer.inputs.entries()) {
    const small = outer.inputs[1 - index] as number;
    const inner = privateMaker(graph, id, outer);
    if (inner?.op !== "Multiply" || size(small) >= size(id)) continue;
    if (!graph.isStable(inner.inputs, inner, outer)) continue;
    const factor = inner.inputs.find((input) => isPowerOfTwo(graph, input));
    const x = inner.inputs.find((input) => input !== factor);
    if (factor === undefined || x === undefined || size(x) !== size(id)) continue;
    const scaled = graph.scratch(graph.tensor(small));
    const first = { ...outer, inputs: [small, factor], outputs: [scaled] };
    graph.replace([inner], new Map([[outer, [first, { ...outer, inputs: [scaled, x] }]]]));
    return;
  }
}

function isPowerOfTwo(graph: Rewriter, id: number): boolean {
  const { role, value, shape } = graph.tensor(id);
  const factor = value?.[0];
  if (role !== "constant" || sizeOf(shape) !== 1 || factor === undefined) return false;
  return factor > 0 && Number.isInteger(Math.log2(factor)) && Math.abs(Math.log2(factor)) <= 8;
}

function fuseProduct(graph: Rewriter, sum: Node): void {
  const product = privateMaker(graph, sum.inputs[0] as number, sum);
  if (!product || !graph.isStable(product.inputs, product, sum)) return;
  const [a, b = a] = product.inputs as readonly [number, number?];
  const isProduct = product.op === "Square" || product.op === "Multiply";
  const shape = `${graph.tensor(sum.inputs[0] as number).shape}`;
  if (!isProduct || `${graph.tensor(a).shape}` !== shape || `${graph.tensor(b).shape}` !== shape) {
    return;
  }
  graph.replace([product], new Map([[sum, { ...sum, op: "MultiplySum", inputs: [a, b] }]]));
}
