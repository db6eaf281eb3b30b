/** Choices of `--backend auto`, kept as small files in the user's cache folder. */
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { ChoiceStore } from "@hone/core";
import { userCacheFolder } from "@hone/data";
import { writeWhole } from "./output.js";

/** One file a choice. What cannot be read or written is measured again, and no more said about it. */
export function choiceFiles(folder = path.join(userCacheFolder(), "choices")): ChoiceStore {
  const fileOf = (key: string) => path.join(folder, `${key.replace(/[^\w.-]/g, "_")}.json`);
  return {
    getItem: (key) => readFile(fileOf(key), "utf8").catch(() => null),
    setItem: (key, value) => writeWhole(fileOf(key), value),
    removeItem: (key) => rm(fileOf(key), { force: true }),
  };
}
