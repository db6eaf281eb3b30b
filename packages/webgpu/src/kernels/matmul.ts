/** BatchMatMul, and _FusedMatMul with its bias and relu. */
import { type Call, type Operand, sizeOf } from "@hone/core/kernels";
import { product } from "./gemm.js";
import { input, type Kernel, type Kernels, output, type Surroundings } from "./kernel.js";
import source from "./matmul.wgsl";

function matmul(
  call: Call,
  bias: Operand | undefined,
  relu: boolean,
  traits: Surroundings,
): ReturnType<Kernel> {
  const [a, b, result] = [input(call, 0), input(call, 1), output(call)];
  const transposeA = call.attributes.transposeA === true;
  const transposeB = call.attributes.transposeB === true;
  const [rows, columns] = result.shape.slice(-2) as [number, number];
  const depth = a.shape.at(transposeA ? -2 : -1) as number;
  const single = (operand: Operand) => sizeOf(operand.shape.slice(0, -2)) === 1;
  return product({
    sources: [source],
    constants: {
      A_BATCH: single(a) ? 0 : rows * depth,
      B_BATCH: single(b) ? 0 : depth * columns,
      A_ROW: transposeA ? 1 : depth,
      A_TERM: transposeA ? rows : 1,
      B_TERM: transposeB ? 1 : columns,
      B_COLUMN: transposeB ? depth : 1,
    },
    batches: sizeOf(result.shape.slice(0, -2)),
    rows,
    columns,
    depth,
    aTermsAdjacent: !transposeA,
    bTermsAdjacent: transposeB,
    read: { a, b },
    result,
    bias,
    relu,
    traits,
  });
}

export const matmuls: Kernels = {
  BatchMatMul: (call, traits) => matmul(call, undefined, false, traits),
  _FusedMatMul: (call, traits) =>
    matmul(call, call.inputs[2], call.attributes.activation === "relu", traits),
};
