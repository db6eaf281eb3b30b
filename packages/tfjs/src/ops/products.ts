/** Matrix products, plain and with bias and relu. */
import { type Call, type Shape, shapeOfInput } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { type Compute, reshaped, type StockOp } from "./stock-op.js";

const rank3 = (shape: Shape): Shape => (shape.length === 2 ? [1, ...shape] : shape);

function productOf(call: Call) {
  const [a, b] = [rank3(shapeOfInput(call, 0)), rank3(shapeOfInput(call, 1))];
  const attributes = {
    transposeA: call.attributes.transposeA === true,
    transposeB: call.attributes.transposeB === true,
  };
  return { a, b, attributes };
}

const batchMatMul: StockOp = {
  op: "BatchMatMul",
  kernels: ["BatchMatMul"],
  lower: (call) => {
    const { a, b, attributes } = productOf(call);
    return (run) =>
      run.kernel(
        "BatchMatMul",
        { a: reshaped(run.input(0), a), b: reshaped(run.input(1), b) },
        attributes,
      );
  },
};

/** The product, then the rest: on wasm the fused kernel does not reuse one side's only matrix, and wants a vector for a bias. */
const unfused = (call: Call): Compute => {
  const product = batchMatMul.lower(call);
  const columns = call.outputs[0]?.shape.at(-1) ?? 1;
  const biased = call.inputs.length > 2;
  return (run) => {
    let x = product(run) as Tensor;
    if (biased) x = run.kernel("Add", { a: x, b: reshaped(run.input(2), [columns]) });
    return call.attributes.activation === "relu" ? run.kernel("Relu", { x }) : x;
  };
};

const fusedMatMul: StockOp = {
  op: "_FusedMatMul",
  kernels: ["_FusedMatMul", "BatchMatMul", "Add", "Relu"],
  lower: (call) => {
    const { a, b, attributes } = productOf(call);
    // The fused kernel of wasm looks at the shape with which a bias was made.
    const isVector = call.inputs.length < 3 || shapeOfInput(call, 2).length === 1;
    if (a[0] !== b[0] || !isVector) return unfused(call);
    const attrs = { ...attributes, activation: call.attributes.activation };
    const columns = call.outputs[0]?.shape.at(-1) ?? 1;
    const biased = call.inputs.length > 2;
    return (run) =>
      run.kernel(
        "_FusedMatMul",
        {
          a: reshaped(run.input(0), a),
          b: reshaped(run.input(1), b),
          bias: biased ? reshaped(run.input(2), [columns]) : undefined,
        },
        attrs,
      );
  },
};

export const productOps: readonly StockOp[] = [batchMatMul, fusedMatMul];
