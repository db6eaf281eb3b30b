/** What memory launches read and write: which of them has to wait for another, and which one shader can bind. */
import { operandBytes } from "@hone/core/kernels";
import type { Place } from "./dispatch.js";
import { keyOf, placesOf } from "./joint-shader.js";
import type { Launch } from "./launch.js";
import { bufferOf } from "./shader-text.js";

/** What every device that WebGPU is on has. */
const MOST_BINDINGS = 8;

/** Bytes of a buffer, from the first to before the end. */
interface Range {
  readonly first: number;
  readonly end: number;
  readonly key: string;
  readonly isWritten: boolean;
}

/** By buffer. */
export type Ranges = ReadonlyMap<string, readonly Range[]>;

export function rangesOf(launch: Launch): Ranges {
  const ranges = new Map<string, Range[]>();
  const written = new Set(Object.values(launch.write));
  for (const [, at] of placesOf(launch)) {
    const [first, end] = bytesOf(at);
    const all = ranges.get(bufferOf(at)) ?? [];
    all.push({ first, end, key: keyOf(at), isWritten: written.has(at) });
    ranges.set(bufferOf(at), all);
  }
  return ranges;
}

function bytesOf(at: Place): readonly [number, number] {
  if ("workspace" in at) return [at.offset * 4, (at.offset + at.length) * 4];
  return [at.byteOffset, at.byteOffset + operandBytes(at, 32)];
}

/** Whether one reads or writes what the other writes. */
export function waits(ranges: Ranges, earlier: Ranges): boolean {
  for (const [buffer, own] of ranges) {
    for (const other of earlier.get(buffer) ?? []) {
      if (own.some((range) => (range.isWritten || other.isWritten) && overlap(range, other))) {
        return true;
      }
    }
  }
  return false;
}

const overlap = (a: Range, b: Range): boolean => a.first < b.end && b.first < a.end;

/** Whether one range has two names, of which one would be found in the place of the other. */
export function hasTwoNames(launch: Launch): boolean {
  const keys = placesOf(launch).map(([, at]) => keyOf(at));
  return new Set(keys).size < keys.length;
}

/** WebGPU binds a buffer that is written only to ranges that do not meet; the same range is one binding. */
export function canBind(ranges: Ranges, others: Ranges): boolean {
  const keys = new Set<string>();
  for (const buffer of new Set([...ranges.keys(), ...others.keys()])) {
    const all = [...(ranges.get(buffer) ?? []), ...(others.get(buffer) ?? [])];
    for (const { key } of all) keys.add(`${buffer} ${key}`);
    if (!all.some(({ isWritten }) => isWritten)) continue;
    const different = all.some((a) => all.some((b) => a.key !== b.key && overlap(a, b)));
    if (different) return false;
  }
  return keys.size <= MOST_BINDINGS;
}
