/** Checkpoints in a folder on disk, which outlive `kill -9`, a full disk, and most of what lies in the folder already. */
import { HoneError } from "@hone/core/backend";
import { hasFileSystem } from "../storage-node.js";
import { folderPlace } from "./folder-place.js";
import { type CheckpointKeeper, type KeepOptions, keeperIn, keepOption } from "./keeper.js";
import type { CheckpointPlace } from "./place.js";

/**
 * Keeps checkpoints in a folder, which is made when it is needed. Each is written to a file of its own, synced and renamed:
 * at every moment the folder holds whole ones. Several processes may use one folder; the newest of all counts.
 * @throws BadArgument where there is no file system, as in a page
 */
export function checkpointFolder(path: string, options: KeepOptions = {}): CheckpointKeeper {
  const refuse = (what: string) => new HoneError("BadArgument", "checkpointFolder", what);
  if (!hasFileSystem())
    throw refuse("there is no file system here. In a page use `browserCheckpoints`.");
  if (typeof path !== "string" || path === "")
    throw refuse(`${JSON.stringify(path)} is no folder. Give its path.`);
  const keep = keepOption("checkpointFolder", options);
  let place: CheckpointPlace | undefined;
  return keeperIn(async () => {
    place ??= folderPlace(path);
    return place;
  }, keep);
}
