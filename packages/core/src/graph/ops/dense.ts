/** Matrix products. A transposed operand is stored transposed; nothing is moved. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Attributes, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { type Infer, type OpDefinition, shapeOf, sumTo } from "./definition.js";

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
    throw new HoneError("ShapeMismatch", "BatchMatMul", `[${a}] and [${b}] cannot be multiplied.`);
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

function product(b: GraphWriter, left: number, right: number, tA: boolean, tB: boolean): number {
  return b.op("BatchMatMul", [left, right], { transposeA: tA, transposeB: tB });
}

export const denseOps: readonly OpDefinition[] = [
  {
    name: "BatchMatMul",
    infer: inferProduct,
    gradient: ({ builder, inputs, dOutput, attributes, wanted }) => {
      const [a, b] = inputs as readonly [number, number];
      const tA = attributes.transposeA === true;
      const tB = attributes.transposeB === true;
      const forA = () =>
        tA ? product(builder, b, dOutput, tB, true) : product(builder, dOutput, b, false, !tB);
      const forB = () =>
        tB ? product(builder, dOutput, a, true, tA) : product(builder, a, dOutput, !tA, false);
      return [
        wanted[0] ? sumTo(builder, forA(), builder.shape(a)) : undefined,
        wanted[1] ? sumTo(builder, forB(), builder.shape(b)) : undefined,
      ];
    },
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

const ACTIVATIONS: Readonly<Record<string, string>> = { relu: "Relu", relu6: "Relu6" };

/** Bias and activation after a product or a convolution. @param activation `relu`, `relu6`; else none */
export function epilogue(
  builder: GraphWriter,
  id: number,
  bias: number | undefined,
  activation: Attributes[string] | undefined,
): number {
  const biased = bias === undefined ? id : builder.op("Add", [id, bias]);
  const op = ACTIVATIONS[`${activation}`];
  return op === undefined ? biased : builder.op(op, [biased]);
}
