/** How rows are spread over invocations by the kernels that use library/rows.wgsl. */
import { powerOfTwo, type Traits } from "./kernel.js";
import rowsLibrary from "./library/rows.wgsl";
import { library } from "./library.js";

const MOST_LANES = 256;

export function rowTiles(rows: number, columns: number, traits: Traits) {
  const together = traits.cooperative && columns > 16;
  const lanes = together ? Math.min(MOST_LANES, powerOfTwo(Math.ceil(columns / 4))) : 1;
  const groupRows = Math.max(1, 32 / lanes);
  return {
    constants: { ROWS: rows, COLUMNS: columns, LANES: lanes, GROUP_ROWS: groupRows },
    sources: [rowsLibrary, library.number],
    workgroups: Math.ceil(rows / groupRows),
  };
}
