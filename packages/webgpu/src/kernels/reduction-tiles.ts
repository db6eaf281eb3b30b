/** How the terms of sums are spread over invocations: what shapes and the device's kind decide, and so one order of addition. */
import { type Launch, laneValues, powerOfTwo, type Traits } from "./kernel.js";

const MOST_LANES = 256;
/** Workgroups that keep a GPU busy; fewer results than that are made in parts. */
const BUSY = 64;
const LEAST_PART = 1024;

export interface Terms {
  readonly depth: number;
  readonly inner: number;
  readonly traits: Traits;
}

/** Neighbouring invocations take neighbouring elements: columns where there are any, else terms. */
export function tileOf(of: Terms): { columns: number; lanes: number } {
  const most = of.inner === 1 ? 1 : Math.min(32, powerOfTwo(of.inner));
  const lanes = of.traits.cooperative
    ? Math.min(MOST_LANES / most, powerOfTwo(Math.ceil(of.depth / 8)))
    : 1;
  return { columns: Math.max(most, Math.ceil(64 / lanes)), lanes };
}

/** So many results in so many parts, by `lanes` invocations each. */
export function spreadColumns(outputs: number, parts: number, lanes: number): Launch["spread"] {
  return (invocations) => {
    if (invocations % lanes !== 0) return undefined;
    const columns = invocations / lanes;
    const groups = Math.ceil(outputs / columns);
    return {
      workgroups: groups * parts,
      constants: { COLUMNS: columns, COLUMN_GROUPS: groups },
      shared: laneValues(invocations),
    };
  };
}

/** In how many parts the terms are added, and how many each has. */
export function partsOf(outputs: number, of: Terms): { parts: number; partDepth: number } {
  const groups = Math.ceil(outputs / tileOf(of).columns);
  const wanted = Math.min(Math.ceil(BUSY / groups), Math.ceil(of.depth / LEAST_PART));
  if (wanted <= 1) return { parts: 1, partDepth: of.depth };
  const partDepth = Math.ceil(of.depth / wanted);
  return { parts: Math.ceil(of.depth / partDepth), partDepth };
}
