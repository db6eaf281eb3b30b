/** Checkpoints in a browser's own storage, which outlive a reload, a closed tab and a crash. */
import { HoneError, isHoneError } from "@hone/core/backend";
import { databasePlace } from "./database-place.js";
import { type CheckpointKeeper, type KeepOptions, keeperIn, keepOption } from "./keeper.js";
import { originPlace } from "./origin-place.js";
import type { CheckpointPlace } from "./place.js";

/**
 * Keeps checkpoints under a name in this site's storage: in its private file system (OPFS) where the browser has one
 * that can be written here, else in IndexedDB. For pages and their workers; they share what is under the name.
 *
 * Its methods throw BadData where the browser keeps nothing for this page, or has no room left. A browser may
 * drop what a site keeps when disks run full: `navigator.storage.persist()` asks it not to.
 * @param name letters, digits, `.`, `_` and `-`
 * @throws BadArgument
 */
export function browserCheckpoints(name: string, options: KeepOptions = {}): CheckpointKeeper {
  if (typeof name !== "string" || !/^[A-Za-z0-9_-][\w.-]{0,99}$/.test(name)) {
    throw new HoneError(
      "BadArgument",
      "browserCheckpoints",
      `the name is ${JSON.stringify(name)}. Give up to 100 letters, digits, ".", "_" and "-", not "." first.`,
    );
  }
  const keep = keepOption("browserCheckpoints", options);
  return keeperIn(() => openPlace(name), keep);
}

async function openPlace(name: string): Promise<CheckpointPlace> {
  const reasons: string[] = [];
  for (const open of [originPlace, databasePlace]) {
    try {
      return await open(name);
    } catch (error) {
      if (!isHoneError(error, "BadData")) throw error;
      reasons.push(error.message.replace("[hone] ", ""));
    }
  }
  throw new HoneError(
    "BadData",
    `checkpoints "${name}"`,
    `this browser keeps nothing for this page. ${reasons.join(" ")} Allow the site to store data, or leave private browsing.`,
  );
}
