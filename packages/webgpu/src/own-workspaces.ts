/** Workspaces side by side, so that a call need not wait until another has used its own up. */
import type { Place, Workspace } from "./dispatch.js";
import type { LabelledLaunch } from "./launch.js";

/** Elements of 4 bytes, where no workspace is longer: then the first ones are used again. */
const ROOM = 2 ** 20;
/** Elements; every device takes an offset of 256 bytes. */
const ALIGNMENT = 64;

/** The same launches: launches of one call share its workspace, which is one object. */
export function withOwnWorkspaces(launches: readonly LabelledLaunch[]): readonly LabelledLaunch[] {
  const moved = new Map<Workspace, Workspace>();
  let next = 0;
  const move = (at: Place): Place => {
    if (!("workspace" in at)) return at;
    const known = moved.get(at);
    if (known) return known;
    const length = Math.ceil(at.length / ALIGNMENT) * ALIGNMENT;
    const offset = next + length > ROOM ? 0 : next;
    next = offset + length;
    const own = { ...at, offset };
    moved.set(at, own);
    return own;
  };
  const moveAll = (places: Readonly<Record<string, Place>>) =>
    Object.fromEntries(Object.entries(places).map(([name, at]) => [name, move(at)]));
  return launches.map((launch) => ({
    ...launch,
    read: moveAll(launch.read),
    write: moveAll(launch.write),
  }));
}
