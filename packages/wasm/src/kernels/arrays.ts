/** The launchers of ops that look elements up or turn arrays, and of reductions but for sums. */
import type { LoweringTable } from "./lowering.js";
import { byRow, reduction } from "./reductions.js";
import { tableLowerings } from "./table-rows.js";
import { transpose } from "./transpose.js";
import { averagePool } from "./windows.js";

export const lowerings: LoweringTable = {
  Max: reduction("arrays/reduceMax"),
  Min: reduction("arrays/reduceMin"),
  ArgMax: byRow("arrays/argMax"),
  LogSoftmax: byRow("arrays/logSoftmax"),
  AvgPool: averagePool,
  Transpose: transpose,
  ...tableLowerings,
};

export { lowerings as base } from "./base.js";
