/** How rows are spread over invocations by the kernels that use library/rows.wgsl. */
import {
  type Launch,
  type LaunchOptions,
  laneValues,
  launch,
  powerOfTwo,
  type Traits,
} from "./kernel.js";
import rowsLibrary from "./library/rows.wgsl";
import { library } from "./library.js";

const MOST_LANES = 256;
const LEAST_INVOCATIONS = 32;

/** Rows that several invocations take together, or one alone: the sources know them by ROWS, COLUMNS, LANES and GROUP_ROWS. */
export function overRows(
  rows: number,
  columns: number,
  traits: Traits,
  options: Omit<LaunchOptions, "invocations" | "spread">,
): Launch {
  const together = traits.cooperative && columns > 16;
  const lanes = together ? Math.min(MOST_LANES, powerOfTwo(Math.ceil(columns / 4))) : 1;
  return launch({
    ...options,
    sources: [...options.sources, rowsLibrary, library.number],
    constants: { ...options.constants, ROWS: rows, COLUMNS: columns, LANES: lanes },
    invocations: Math.max(lanes, LEAST_INVOCATIONS),
    spread(invocations) {
      if (invocations % lanes !== 0) return undefined;
      const side = invocations / lanes;
      return {
        workgroups: Math.ceil(rows / side),
        constants: { GROUP_ROWS: side },
        shared: laneValues(invocations),
      };
    },
  });
}
