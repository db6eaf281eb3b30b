/** BatchMatMul on the tiled product of gemm.ts. */
import { invariant, type Shape, shapeOfInput, shapeOfOutput } from "@hone/core/backend";
import { Doubles, makePanels, multiplyAdd, packPanels } from "./gemm.js";
import { floatInput, floatOutput, type KernelFactory, type KernelTable } from "./kernel.js";

function asMatrices(shape: Shape): [batch: number, rows: number, columns: number] {
  const [batch, rows, columns] = shape.length === 2 ? [1, ...shape] : shape;
  invariant(columns !== undefined && shape.length <= 3, "BatchMatMul", `shape [${shape}]`);
  return [batch as number, rows as number, columns];
}

const batchMatMul: KernelFactory = (call, views) => {
  const a = new Doubles(floatInput(call, views, 0));
  const b = floatInput(call, views, 1);
  const y = floatOutput(call, views);
  const transposeA = call.attributes.transposeA === true;
  const transposeB = call.attributes.transposeB === true;
  const [batchA, rowsA, columnsA] = asMatrices(shapeOfInput(call, 0));
  const [batchB] = asMatrices(shapeOfInput(call, 1));
  const [batch, m, n] = asMatrices(shapeOfOutput(call));
  const k = transposeA ? rowsA : columnsA;
  invariant(b.length === batchB * k * n, call.op, `b holds ${b.length}, not ${batchB}·${k}·${n}`);
  const panels = makePanels(k, n);
  return () => {
    a.refresh();
    y.fill(0);
    for (let index = 0; index < batch; index++) {
      if (index === 0 || batchB > 1) {
        const start = index * k * n;
        packPanels(panels, b, start, transposeB ? 1 : n, transposeB ? k : 1, k, n);
      }
      const start = batchA > 1 ? index * m * k : 0;
      const rowStride = transposeA ? 1 : k;
      const depthStride = transposeA ? m : 1;
      multiplyAdd(y, index * m * n, a.values, start, rowStride, depthStride, panels, m, k, n);
    }
  };
};

export const matmulKernels: KernelTable = { BatchMatMul: batchMatMul };
