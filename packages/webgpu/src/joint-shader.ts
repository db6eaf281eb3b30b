/**
 * Launches that do not wait for each other, as one shader: each takes its share of the workgroups. A real GPU waits once
 * for all of them and is better filled; a phone pays for one dispatch.
 */
import type { Dispatch, Place } from "./dispatch.js";
import type { Launch, SharedArray, Spread } from "./launch.js";
import { dispatchFrom, textOf } from "./shader-text.js";

/** What WGSL declares, in functions or outside of them. */
const DECLARED = /\b(?:fn|const|alias|struct)\s+(\w+)/g;
/** What follows a dot is a member's name. */
const NAME = /(?<![\w.])[A-Za-z_]\w*/g;
const STRUCT = /struct\s+\w+\s*\{[^}]*\}/g;

/** @param launches at least two, of which `roomFor` has said that they go together */
export function jointDispatch(launches: readonly Launch[], invocations: number): Dispatch {
  const bindings = new Map<string, readonly [string, Place]>();
  const shared: Record<string, SharedArray> = {};
  const texts: string[] = [];
  const branches: string[] = [];
  let workgroups = 0;
  for (const [index, launch] of launches.entries()) {
    const spread = launch.spread(invocations) as Spread;
    const names = new Map<string, string>();
    for (const [name, at] of placesOf(launch)) {
      const key = keyOf(at);
      const bound = bindings.get(key) ?? ([`bound${bindings.size}`, at] as const);
      bindings.set(key, bound);
      names.set(name, bound[0]);
    }
    for (const [name, array] of Object.entries(spread.shared ?? {})) {
      if (array.length > (shared[name]?.length ?? 0)) shared[name] = array;
    }
    texts.push(renamed(textOf(launch, spread, invocations), names, `_of${index}`));
    const first = workgroups;
    workgroups += spread.workgroups;
    const work = `work_of${index}(group - ${first}u, lane);`;
    // The last one has what a folded grid has too many.
    branches.push(
      index < launches.length - 1 ? `if (group < ${workgroups}u) { ${work} }` : `{ ${work} }`,
    );
  }
  return dispatchFrom({
    bindings: [...bindings.values()],
    written: launches.flatMap(({ write }) => Object.values(write)),
    shared,
    text: texts.join("\n"),
    body: branches.join(" else "),
    workgroups,
    invocations,
    usesStep: launches.some(({ usesStep }) => usesStep),
  });
}

export const placesOf = ({ read, write }: Launch): readonly (readonly [string, Place])[] => [
  ...Object.entries(read),
  ...Object.entries(write),
];

/** One for what can be one binding: the same elements of one type. */
export const keyOf = (at: Place): string =>
  "workspace" in at
    ? `${at.offset} ${at.length}`
    : `${at.block} ${at.byteOffset} ${at.dtype} ${at.shape.join()}`;

/** A launch's text with `names` for its bindings, and an ending on all that it declares; members keep their names. */
function renamed(text: string, names: Map<string, string>, ending: string): string {
  for (const [, name = ""] of text.matchAll(DECLARED)) names.set(name, `${name}${ending}`);
  const change = (part: string, name: RegExp) =>
    part.replace(name, (found) => names.get(found) ?? found);
  const members = /(?<![\w.])[A-Za-z_]\w*(?!\w|\s*:)/g;
  let result = "";
  let from = 0;
  for (const match of text.matchAll(STRUCT)) {
    result += change(text.slice(from, match.index), NAME) + change(match[0], members);
    from = match.index + match[0].length;
  }
  return result + change(text.slice(from), NAME);
}
