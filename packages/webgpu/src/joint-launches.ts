/** Which launches of an entry go together: those that do not wait for each other, as far as a shader can hold them. */
import { operandBytes } from "@hone/core/kernels";
import type { Place } from "./dispatch.js";
import { keyOf, placesOf } from "./joint-shader.js";
import type { LabelledLaunch, Spread } from "./launch.js";
import { withOwnWorkspaces } from "./own-workspaces.js";
import { bufferOf } from "./shader-text.js";

export { jointDispatch } from "./joint-shader.js";

/** What every device that WebGPU is on has. */
const MOST_BINDINGS = 8;
const MOST_SHARED_BYTES = 16_384;
const BYTES_OF = { f32: 4, "vec4<f32>": 16 };
/** Groups of launches that one is compared with, the latest first: what can go together stands close together. */
const MOST_COMPARED = 16;

/** Launches that become one shader, by workgroups of so many invocations. */
export interface Joint {
  readonly launches: readonly LabelledLaunch[];
  readonly invocations: number;
}

/** Bytes of a buffer, from the first to before the end. */
interface Range {
  readonly first: number;
  readonly end: number;
  readonly key: string;
  readonly isWritten: boolean;
}

/** By buffer. */
type Ranges = ReadonlyMap<string, readonly Range[]>;

/** A joint that others may still join. */
interface Open {
  readonly launches: LabelledLaunch[];
  invocations: number;
  ranges: Ranges;
  readonly isAlone: boolean;
}

/** @param launches in their order. @returns joints in an order that gives the same results */
export function jointsOf(launches: readonly LabelledLaunch[]): readonly Joint[] {
  const joints: Open[] = [];
  for (const launch of withOwnWorkspaces(launches)) {
    const ranges = rangesOf(launch);
    const isAlone = hasTwoNames(launch);
    let found: { readonly joint: Open; readonly invocations: number } | undefined;
    for (const joint of isAlone ? [] : joints.slice(-MOST_COMPARED).reverse()) {
      if (waits(ranges, joint.ranges)) break;
      const invocations = roomFor(launch, ranges, joint);
      if (invocations !== undefined) found = { joint, invocations };
    }
    if (found) join(found.joint, launch, ranges, found.invocations);
    else joints.push({ launches: [launch], invocations: launch.invocations, ranges, isAlone });
  }
  return joints;
}

function join(joint: Open, launch: LabelledLaunch, ranges: Ranges, invocations: number): void {
  joint.invocations = invocations;
  joint.launches.push(launch);
  const all = new Map(joint.ranges);
  for (const [buffer, own] of ranges) all.set(buffer, [...(all.get(buffer) ?? []), ...own]);
  joint.ranges = all;
}

/** Whether one range has two names, of which one would be found in the place of the other. */
function hasTwoNames(launch: LabelledLaunch): boolean {
  const keys = placesOf(launch).map(([, at]) => keyOf(at));
  return new Set(keys).size < keys.length;
}

function rangesOf(launch: LabelledLaunch): Ranges {
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
function waits(ranges: Ranges, earlier: Ranges): boolean {
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

/** How many invocations a workgroup has when the launch has joined; nothing where it can't. */
function roomFor(launch: LabelledLaunch, ranges: Ranges, joint: Open): number | undefined {
  if (joint.isAlone || !canBind(ranges, joint.ranges)) return undefined;
  const launches = [...joint.launches, launch];
  return [joint.invocations, launch.invocations].find((invocations) => {
    const spreads = launches.map((one) => one.spread(invocations));
    return (
      spreads.every((spread) => spread !== undefined) && sharedBytes(spreads) <= MOST_SHARED_BYTES
    );
  });
}

/** WebGPU binds a buffer that is written only to ranges that do not meet; the same range is one binding. */
function canBind(ranges: Ranges, others: Ranges): boolean {
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

function sharedBytes(spreads: readonly (Spread | undefined)[]): number {
  const bytes = new Map<string, number>();
  for (const spread of spreads) {
    for (const [name, { type, length }] of Object.entries(spread?.shared ?? {})) {
      bytes.set(name, Math.max(bytes.get(name) ?? 0, length * BYTES_OF[type]));
    }
  }
  return [...bytes.values()].reduce((sum, one) => sum + one, 0);
}
