/** Matrix products: alone, or with a bias and relu in the same pass. */
import { type Call, invariant, type Shape, shapeOfInput } from "@hone/core/kernels";
import {
  type Argument,
  float,
  input,
  invoke,
  type KernelCall,
  type LoweringTable,
  optionalInput,
  output,
  Workspace,
} from "./lowering.js";

/** Bytes of workspace that tiles need: SCRATCH_BYTES of assembly/product.ts. */
export const SCRATCH_BYTES = 224;

/** Columns of a tile, and rows of a block: see assembly/product.ts. */
const PANEL_COLUMNS = 8;
const BLOCK_ROWS = 66;

/** From this many rows on, copying B into panels once is cheaper than striding through it. */
const ROWS_WORTH_PACKING = 16;

/** With fewer rows a tile stays more than half empty: see assembly/vector-product.ts. */
const ROWS_FOR_TILES = 4;
const VECTOR_COLUMNS = 48;

/** From this many panels on, threads share a product out by columns: rows of A stay in the cache. */
const PANELS_TO_SHARE = 8;

export const panelsOf = (columns: number) => Math.ceil(columns / PANEL_COLUMNS);

/** Bytes of B [k, n] as panels of eight columns. */
export function packedBytes(k: number, n: number): number {
  return 4 * PANEL_COLUMNS * k * panelsOf(n);
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

/** B [batch, k, n], or [batch, n, k] when transposed, into panels. */
export function pack(
  b: Argument,
  packed: Argument,
  { batch = 1, k, n, transposed }: { batch?: number; k: number; n: number; transposed: boolean },
): KernelCall {
  const kernel = transposed ? "base/packTransposed" : "base/packPanels";
  return invoke(kernel, batch * panelsOf(n), b, packed, k, n);
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
  const batch = Math.max(batchA, batchB);
  if (batch * m * n === 0) return [];
  if (m < ROWS_FOR_TILES && !transposeA && !transposeB && batch === 1) {
    const units = m * Math.ceil(n / VECTOR_COLUMNS);
    const operands = [input(call, 0), input(call, 1), bias, output(call)];
    return [invoke("base/vectorProduct", units, ...operands, k, n, float(floor))];
  }
  const panels = panelsOf(n);
  const blocks = Math.ceil(m / BLOCK_ROWS);
  // A panel that is not whole could read past the end of B where it lies.
  const isPacked =
    transposeB || n % PANEL_COLUMNS !== 0 || (m >= ROWS_WORTH_PACKING && n > PANEL_COLUMNS);
  const packed = new Workspace("shared").take(isPacked ? batchB * packedBytes(k, n) : 0);
  const byPanels = panels >= PANELS_TO_SHARE || panels >= batch * blocks;
  const matrixBytes = isPacked ? packedBytes(k, n) : 4 * k * n;
  const calls = isPacked
    ? [pack(input(call, 1), packed, { batch: batchB, k, n, transposed: transposeB })]
    : [];
  return [
    ...calls,
    invoke(
      byPanels ? "base/productByPanels" : "base/productByRows",
      batch * (byPanels ? panels : blocks),
      input(call, 0),
      isPacked ? packed : input(call, 1),
      bias,
      output(call),
      m,
      k,
      n,
      transposeA ? 4 : 4 * k,
      transposeA ? 4 * m : 4,
      isPacked ? 4 * PANEL_COLUMNS : 4 * n,
      isPacked ? 4 * PANEL_COLUMNS * k : 4 * PANEL_COLUMNS,
      float(floor),
      batchA === 1 ? 0 : 4 * m * k,
      batchB === 1 ? 0 : matrixBytes,
      new Workspace().take(SCRATCH_BYTES),
      panels,
      blocks,
    ),
  ];
}

export const productLowerings: LoweringTable = {
  BatchMatMul: (call) => product(call, 0, Number.NEGATIVE_INFINITY),
  _FusedMatMul: (call) => product(call, optionalInput(call, 2), floorOf(call)),
};
