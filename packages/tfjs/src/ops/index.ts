/** All ops, and which of them a stock backend can do. */
import type { Stock } from "../stock/stock.js";
import { convolutionOps } from "./convolutions.js";
import { dataOps } from "./data.js";
import { depthwiseOps } from "./depthwise.js";
import { elementwiseOps } from "./elementwise.js";
import { gatherOps } from "./gathers.js";
import { learningOps } from "./learning.js";
import { lossOps } from "./loss.js";
import { poolOps } from "./pools.js";
import { productOps } from "./products.js";
import { reductionOps } from "./reductions.js";
import { shapeOps } from "./shape.js";
import { ALWAYS_NEEDED, type Composition, type StockOp } from "./stock-op.js";

export const stockOps: readonly StockOp[] = [
  ...elementwiseOps,
  ...shapeOps,
  ...gatherOps,
  ...reductionOps,
  ...productOps,
  ...convolutionOps,
  ...depthwiseOps,
  ...poolOps,
  ...lossOps,
  ...dataOps,
  ...learningOps,
];

/**
 * The ops a stock backend has all kernels for, by name.
 * @param exact false leaves stock kernels in place that differ for NaN or among equal maxima alone
 */
export function opsOf(
  stock: Pick<Stock, "name" | "kernel">,
  exact: boolean,
): ReadonlyMap<string, Composition> {
  const isThere = (name: string) => stock.kernel(name) !== undefined;
  const chosen = (row: StockOp): Composition => {
    const other = row.on?.[stock.name];
    return other && (exact || !other.cornersOnly) ? other : row;
  };
  return new Map(
    stockOps
      .map((row) => [row.op, chosen(row)] as const)
      .filter(([, { kernels }]) => [...ALWAYS_NEEDED, ...kernels].every(isThere)),
  );
}
