/**
 * The files of a model in a folder. A model is several files, and only a single rename is atomic. So weights
 * always get names that are not in use, and the rename of model.json, which names them, is the moment of change.
 */
import { readFileSync, rmSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { HoneError } from "@hone/core";
import { readRegularText } from "@hone/data";
import { canonical } from "./files/destination.js";
import { writeWhole } from "./files/write-whole.js";

/** @throws BadArgument when the results would take the place of the model, or of its folder. */
export async function checkResultsApart(results: string, folder: string): Promise<void> {
  const from = path.relative(await canonical(folder), await canonical(results));
  if (!/^(|model\.json|report\.(txt|html)|[^/\\]*\.bin)$/.test(from)) return;
  const what = from === "" ? "it is the folder of the model" : `the model in ${folder} needs it`;
  throw new HoneError("BadArgument", results, `${what}. Give the results another name.`);
}

const weightFile = /^group\d+-shard\d+of\d+\.bin$/;

/** A start for the names of weight files that no file in the folder has. */
export async function freeStem(folder: string): Promise<string> {
  const names = await listFiles(folder);
  for (let number = 1; ; number++) {
    if (!names.some((name) => name.startsWith(`group${number}-`))) return `group${number}`;
  }
}

/**
 * Puts a model's files into a folder: weights first, under names from `freeStem`; then `model.json`;
 * then the weight files that it no longer names are removed.
 * @throws BadArgument; the model that was there before is then still whole.
 */
export async function writeModelFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const before = await namedWeightFiles(folder);
  const { "model.json": json, ...weights } = files;
  if (json === undefined) throw new HoneError("Internal", folder, "a model without model.json.");
  const fresh = Object.keys(weights).map((name) => path.join(folder, name));
  // An exit in the middle leaves no weights that nothing names.
  const removeFresh = () => {
    const text = textNow(path.join(folder, "model.json"));
    for (const file of fresh) {
      if (!text.includes(`"${path.basename(file)}"`)) rmSync(file, { force: true });
    }
  };
  process.on("exit", removeFresh);
  try {
    for (const [name, bytes] of Object.entries(weights)) {
      await writeWhole(path.join(folder, name), bytes);
    }
    await writeWhole(path.join(folder, "model.json"), json);
  } catch (error) {
    removeFresh();
    throw error;
  } finally {
    process.off("exit", removeFresh);
  }
  for (const name of before) {
    if (!(name in weights)) await rm(path.join(folder, name), { force: true });
  }
}

/**
 * Removes weight files, by our own naming, that no JSON file of the folder names: a process that was killed
 * between weights and model.json left them.
 */
export async function removeOrphans(folder: string): Promise<void> {
  const names = await listFiles(folder);
  const weights = names.filter((name) => weightFile.test(name));
  if (weights.length === 0) return;
  const topologies: string[] = [];
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    const text = await readRegularText(path.join(folder, name)).catch(() => undefined);
    // What cannot be read may name any of them.
    if (text === undefined) return;
    topologies.push(text);
  }
  for (const name of weights) {
    if (topologies.some((text) => text.includes(`"${name}"`))) continue;
    await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}

/** The weight files, by our own naming, that the folder's model.json speaks of. */
async function namedWeightFiles(folder: string): Promise<readonly string[]> {
  try {
    const text = await readRegularText(path.join(folder, "model.json"));
    const names = (await listFiles(folder)).filter((name) => weightFile.test(name));
    return names.filter((name) => text.includes(`"${name}"`));
  } catch {
    return [];
  }
}

function textNow(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
