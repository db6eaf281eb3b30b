/** Matrix products. A transposed operand is stored transposed; nothing is moved. */
import { sizeOf } from "../geometry.js";
import type { Attributes, Shape, Tensor } from "../types.js";
import type { Infer, OpDefinition } from "./definition.js";
import { epilogue, mismatch, shapeOf } from "./rules.js";

interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function productOf(a: Shape, b: Shape, attributes: Attributes): Product {
  const [aBatch, aRows, aColumns] = [a.length === 3 ? (a[0] as number) : 1, a.at(-2), a.at(-1)];
  const [bBatch, bRows, bColumns] = [b.length === 3 ? (b[0] as number) : 1, b.at(-2), b.at(-1)];
  const [m, k] = attributes.transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [otherK, n] = attributes.transposeB ? [bColumns, bRows] : [bRows, bColumns];
  const batches = aBatch === bBatch || aBatch === 1 || bBatch === 1;
  if (k !== otherK || !batches) {
    mismatch("BatchMatMul", `[${a}] and [${b}] cannot be multiplied.`);
  }
  return { batch: Math.max(aBatch, bBatch), m: m as number, n: n as number, k: k as number };
}

const inferProduct: Infer = (inputs, attributes) => {
  const a = shapeOf(inputs, 0, "BatchMatMul", 2, 3);
  const b = shapeOf(inputs, 1, "BatchMatMul", 2, 3);
  const { batch, m, n } = productOf(a, b, attributes);
  return { shape: a.length === 2 && b.length === 2 ? [m, n] : [batch, m, n] };
};

const productFlops = (inputs: readonly Tensor[], output: Tensor, attributes: Attributes) =>
  2 *
  sizeOf(output.shape) *
  productOf(inputs[0]?.shape ?? [], inputs[1]?.shape ?? [], attributes).k;

export const denseOps: readonly OpDefinition[] = [
  {
    name: "BatchMatMul",
    infer: inferProduct,
    flops: productFlops,
  },
  {
    name: "_FusedMatMul",
    infer: inferProduct,
    expand: (builder, [a, b, bias], { transposeA, transposeB, activation }) => {
      const attributes = { transposeA: transposeA ?? false, transposeB: transposeB ?? false };
      const result = builder.op("BatchMatMul", [a as number, b as number], attributes);
      return epilogue(builder, result, bias, activation);
    },
    flops: productFlops,
  },
];
