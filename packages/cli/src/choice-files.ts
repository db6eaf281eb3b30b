/** Choices of `--backend auto`, kept as small files in the user's cache folder. */
import { rm } from "node:fs/promises";
import path from "node:path";
import type { ChoiceStore } from "@hone/core";
import { readRegularText, userCacheFolder } from "@hone/data";
import { writeWhole } from "./files/write-whole.js";

/** Far above any choice. */
const longestChoice = 2 ** 20;

/**
 * One file a choice; what cannot be read or written is measured again, and no more said about it. Without a
 * folder, where the user has no home, nothing is kept.
 */
export function choiceFiles(folder = cacheFolder()): ChoiceStore {
  if (folder === undefined) {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  }
  const fileOf = (key: string) => path.join(folder, `${key.replace(/[^\w.-]/g, "_")}.json`);
  return {
    getItem: (key) => readRegularText(fileOf(key), longestChoice).catch(() => null),
    setItem: (key, value) => writeWhole(fileOf(key), value),
    removeItem: (key) => rm(fileOf(key), { force: true }),
  };
}

function cacheFolder(): string | undefined {
  const folder = userCacheFolder();
  return folder && path.join(folder, "choices");
}

/** Keeps choices, and remembers none. */
export function measuredAnew(store: ChoiceStore): ChoiceStore {
  return { ...store, getItem: () => null };
}
