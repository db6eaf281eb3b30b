/** What a file may be: its length, its place, and no notes left for later. */
import { readdirSync } from "node:fs";
import path from "node:path";

/** Lines a source file may have; the contract must fit its page. */
export const lineLimits = { default: 400, "packages/core/src/backend.ts": 150 };

/** What may lie at the top of the repository, beside dotfiles and what git ignores. */
export const topLevel = [
  "LICENSE",
  "README.md",
  "benchmarks",
  "fixtures",
  "package-lock.json",
  "package.json",
  "packages",
  "scripts",
  "tsconfig.json",
];

const ignoredFolders = new Set(["node_modules", "dist", ".git", ".cache", "hone-out"]);
const ignoredFiles = /\.(tgz|log)$/;
const sourceFiles = /\.(ts|mjs|js|wgsl|css|html)$/;

/** Paths of all files of the project from `root`, with forward slashes. */
export function listFiles(root, folder = "") {
  const files = [];
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    // By name alone: a folder of packages may be a link.
    if (ignoredFolders.has(entry.name)) continue;
    if (entry.isDirectory()) {
      files.push(...listFiles(root, file));
    } else if (!ignoredFiles.test(entry.name)) {
      files.push(file);
    }
  }
  return files;
}

/** Faults of one file's length, name and content. */
export function checkFile(file, text) {
  if (!sourceFiles.test(file)) return [];
  const faults = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  const limit = lineLimits[file] ?? lineLimits.default;
  if (lines > limit) faults.push(`${file}: ${lines} lines, limit ${limit}. Split it by concept.`);
  if (file.split("/").some((part) => /[A-Z_ ]/.test(part))) {
    faults.push(`${file}: names of files and folders are kebab-case.`);
  }
  // Assembled from halves, so that this file does not find itself.
  const note = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME"].join("|")})\\b`).exec(text);
  if (note !== null) {
    faults.push(`${file}:${text.slice(0, note.index).split("\n").length}: a ${note[1]} is left.`);
  }
  return faults;
}

/** Faults of the repository's top level. */
export function checkTopLevel(files) {
  const names = new Set(files.map((file) => file.split("/")[0]));
  return [...names]
    .filter((name) => !name.startsWith(".") && !topLevel.includes(name))
    .map((name) => `${name}: nothing but ${topLevel.join(", ")} and dotfiles lies at the top.`);
}
