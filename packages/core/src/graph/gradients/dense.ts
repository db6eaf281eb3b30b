/** Gradients of matrix products. */
import type { GradientRules } from "../ops/definition.js";
import type { GraphWriter } from "../writer.js";
import { sumTo } from "./sum-to.js";

function product(b: GraphWriter, left: number, right: number, tA: boolean, tB: boolean): number {
  return b.op("BatchMatMul", [left, right], { transposeA: tA, transposeB: tB });
}

export const denseGradients: GradientRules = {
  BatchMatMul: ({ builder, inputs, dOutput, attributes, wanted }) => {
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
};
