/** How much an entry computes: too little is not worth waking other threads for. */
import { type Call, type Entry, sizeOf } from "@hone/core/backend";

/** Operations that one thread does in about 150 µs, some three times what waking a sleeping thread takes. */
export const WORTH_SHARING = 8e6;

/** What an element costs that is read or written, with as many operations on it as hide behind that. */
const COST_PER_ELEMENT = 4;
const HIDDEN_PER_ELEMENT = 2;

/** About how many operations a run of the entry is. */
export function workloadOf(entry: Entry): number {
  return entry.calls.reduce((sum, call) => sum + operationsOf(call), 0);
}

function operationsOf({ op, inputs, outputs, flops = 0 }: Call): number {
  // Of a table only as many rows are read as there are results.
  const read = op === "Gather" ? [...outputs, ...inputs.slice(1)] : inputs;
  const touched = [...read, ...outputs].filter(({ dtype }) => dtype !== "uint8");
  const elements = touched.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return COST_PER_ELEMENT * elements + Math.max(0, flops - HIDDEN_PER_ELEMENT * elements);
}
