/** When a tensor of scratch may be freed: after the last call of a step that reads it. */
import type { Entry, Operand } from "@hone/core/backend";

/**
 * Blocks whose numbers nobody needs after a call, by the call's index. Only blocks that hold one tensor
 * after another, each written before it is read in every step, and that the host cannot name.
 */
export function lastUses(entry: Entry): ReadonlyMap<number, readonly string[]> {
  const named = [
    ...Object.values(entry.buffers),
    ...entry.constants.map(({ operand }) => operand),
  ].map(({ block }) => block);
  const uses = new Map<number, string[]>();
  for (const { name, kind } of entry.blocks) {
    if (kind !== "memory" || named.includes(name)) continue;
    for (const index of endsOfTenants(entry, name) ?? []) {
      uses.set(index, [...(uses.get(index) ?? []), name]);
    }
  }
  return uses;
}

/** The last call that uses each tensor of the block; undefined when it holds more than one at a time. */
function endsOfTenants(entry: Entry, block: string): number[] | undefined {
  const ends: number[] = [];
  let tenant: Operand | undefined;
  let last = -1;
  for (const [index, { inputs, outputs }] of entry.calls.entries()) {
    const isHere = (operand: Operand) => operand.block === block;
    for (const operand of inputs.filter(isHere)) {
      if (!tenant || !sameRange(operand, tenant)) return undefined;
      last = index;
    }
    const [written, ...more] = outputs.filter(isHere);
    if (!written) continue;
    if (more.length > 0 || written.byteOffset !== 0) return undefined;
    // What a call both reads and writes has no end there.
    if (tenant && last !== index) ends.push(last);
    tenant = written;
    last = index;
  }
  return tenant ? [...ends, last] : ends;
}

function sameRange(a: Operand, b: Operand): boolean {
  const size = ({ shape }: Operand) => shape.reduce((product, extent) => product * extent, 1);
  return a.byteOffset === b.byteOffset && size(a) === size(b);
}
