/** Which launches of an entry go together: those that do not wait for each other, as far as a shader can hold them. */
import type { LabelledLaunch, Spread } from "./launch.js";
import { withOwnWorkspaces } from "./own-workspaces.js";
import { textOf } from "./shader-text.js";
import { canBind, hasTwoNames, type Ranges, rangesOf, waits } from "./touched-ranges.js";

export { jointDispatch } from "./joint-shader.js";

/** What every device that WebGPU is on has. */
const MOST_SHARED_BYTES = 16_384;
const BYTES_OF = { f32: 4, "vec4<f32>": 16 };
/** Workgroups that fill any GPU for long, and the shared bytes of each with which it still holds as many as it can. */
const MANY_WORKGROUPS = 8192;
const FEW_SHARED_BYTES = 1024;
/** Groups of launches that one is compared with, the latest first: what can go together stands close together. */
const MOST_COMPARED = 16;

/**
 * What is done many times in an entry keeps apart from what is done at most a fourth as often: each step of an unrolled
 * recurrence would else be a shader of its own, together with what stands beside that step alone.
 */
const MOST_TIMES = 4;

/** Launches that become one shader, by workgroups of so many invocations. */
export interface Joint {
  readonly launches: readonly LabelledLaunch[];
  readonly invocations: number;
}

/** A joint that others may still join. */
interface Open {
  readonly launches: LabelledLaunch[];
  /** How often what its first launch does is done in the entry. */
  readonly times: number;
  invocations: number;
  ranges: Ranges;
  readonly isAlone: boolean;
}

/** @param launches in their order. @returns joints in an order that gives the same results */
export function jointsOf(launches: readonly LabelledLaunch[]): readonly Joint[] {
  const joints: Open[] = [];
  const timesOf = timesDone(launches);
  for (const [index, launch] of withOwnWorkspaces(launches).entries()) {
    const times = timesOf[index] as number;
    const ranges = rangesOf(launch);
    const isAlone = hasTwoNames(launch);
    let found: { readonly joint: Open; readonly invocations: number } | undefined;
    for (const joint of isAlone ? [] : joints.slice(-MOST_COMPARED).reverse()) {
      if (waits(ranges, joint.ranges)) break;
      if (Math.max(times, joint.times) > MOST_TIMES * Math.min(times, joint.times)) continue;
      const invocations = roomFor(launch, ranges, joint);
      if (invocations !== undefined) found = { joint, invocations };
    }
    if (found) join(found.joint, launch, ranges, found.invocations);
    else
      joints.push({ launches: [launch], times, invocations: launch.invocations, ranges, isAlone });
  }
  return joints;
}

/** How many of the launches do what this one does, wherever its memory is. */
function timesDone(launches: readonly LabelledLaunch[]): readonly number[] {
  const texts = launches.map((launch) =>
    textOf(launch, launch.spread(launch.invocations) as Spread, launch.invocations),
  );
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return texts.map((text) => counts.get(text) as number);
}

function join(joint: Open, launch: LabelledLaunch, ranges: Ranges, invocations: number): void {
  joint.invocations = invocations;
  joint.launches.push(launch);
  const all = new Map(joint.ranges);
  for (const [buffer, own] of ranges) all.set(buffer, [...(all.get(buffer) ?? []), ...own]);
  joint.ranges = all;
}

/** How many invocations a workgroup has when the launch has joined; nothing where it can't. */
function roomFor(launch: LabelledLaunch, ranges: Ranges, joint: Open): number | undefined {
  if (joint.isAlone || !canBind(ranges, joint.ranges)) return undefined;
  const launches = [...joint.launches, launch];
  return [joint.invocations, launch.invocations].find((invocations) => {
    const spreads = launches.map((one) => one.spread(invocations));
    if (!spreads.every((spread) => spread !== undefined)) return false;
    const bytes = sharedBytes(spreads);
    const isLight = (spread: Spread) =>
      spread.workgroups < MANY_WORKGROUPS ||
      bytes <= Math.max(FEW_SHARED_BYTES, sharedBytes([spread]));
    return bytes <= MOST_SHARED_BYTES && spreads.every(isLight);
  });
}

function sharedBytes(spreads: readonly Spread[]): number {
  const bytes = new Map<string, number>();
  for (const spread of spreads) {
    for (const [name, { type, length }] of Object.entries(spread.shared ?? {})) {
      bytes.set(name, Math.max(bytes.get(name) ?? 0, length * BYTES_OF[type]));
    }
  }
  return [...bytes.values()].reduce((sum, one) => sum + one, 0);
}
