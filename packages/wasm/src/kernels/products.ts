/** Matrix products: alone, or with a bias and relu in the same pass. */
import { type Call, invariant, type Shape, shapeOfInput } from "@hone/core/backend";
import {
  type Argument,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  offsets,
  optionalInput,
  output,
  Workspace,
} from "./lowering.js";

/** Bytes a product needs beside its operands: SCRATCH_BYTES of assembly/product.ts. */
export const SCRATCH_BYTES = 160;

/** How assembly/product.ts reads B. */
const DIRECT = 0;
const PACKED = 1;
const PACKED_TRANSPOSED = 2;

/** From this many rows on, copying B into panels once is cheaper than striding through it. */
const ROWS_WORTH_PACKING = 16;

/** Bytes of B [k, n] as panels of eight columns. */
export function packedBytes(k: number, n: number): number {
  return 32 * k * Math.ceil(n / 8);
}

/** The least result: 0 for relu, and nothing otherwise. */
export function floorOf(call: Call): number {
  const { activation = "linear" } = call.attributes;
  invariant(
    activation === "linear" || activation === "relu",
    call.op,
    `activation "${activation}" is unknown`,
  );
  return activation === "relu" ? 0 : Number.NEGATIVE_INFINITY;
}

function asBatch(shape: Shape): readonly [number, number, number] {
  const [columns = 1, rows = 1, batch = 1] = [...shape].reverse();
  return [batch, rows, columns];
}

function product(call: Call, bias: Argument, floor: number): KernelCall[] {
  const transposeA = call.attributes.transposeA === true;
  const transposeB = call.attributes.transposeB === true;
  const [batchA, rowsA, columnsA] = asBatch(shapeOfInput(call, 0));
  const [batchB, rowsB, columnsB] = asBatch(shapeOfInput(call, 1));
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const plain = m >= ROWS_WORTH_PACKING && n > 8 ? PACKED : DIRECT;
  const layout = transposeB ? PACKED_TRANSPOSED : plain;
  const workspace = new Workspace();
  const scratch = workspace.take(SCRATCH_BYTES);
  return [
    invoke(
      "matrixProduct",
      input(call, 0),
      batchA === 1 ? 0 : 4 * m * k,
      input(call, 1),
      batchB === 1 ? 0 : 4 * k * n,
      bias,
      output(call),
      Math.max(batchA, batchB),
      m,
      k,
      n,
      offsets(m, transposeA ? 4 : 4 * k),
      offsets(k, transposeA ? 4 * m : 4),
      layout,
      layout === DIRECT ? 0 : workspace.take(packedBytes(k, n)),
      scratch,
      floor,
    ),
  ];
}

export const productLowerings: LoweringTable = {
  BatchMatMul: (call) => product(call, 0, Number.NEGATIVE_INFINITY),
  _FusedMatMul: (call) => product(call, optionalInput(call, 2), floorOf(call)),
};
