/** Whether what is built is what the sources say: `npm test` after `npm ci` need not build all once more. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder, root } from "./bundle-plugin.mjs";

const stamp = path.join(cacheFolder, "built");

/** What goes into a build. A folder changes when a file in it comes or goes. */
const sources = ["packages", "scripts", "package-lock.json", "tsconfig.json"];
const made = new Set(["dist", "node_modules"]);

/** @param beganMs when the build began, as `Date.now()` counts */
export function noteBuilt(beganMs) {
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(stamp, String(beganMs));
}

/** True where nothing was changed since the last build began. */
export function isBuilt() {
  if (!existsSync(stamp) || !existsSync(path.join(root, "packages/core/dist/index.js")))
    return false;
  const beganMs = Number(readFileSync(stamp, "utf8"));
  return sources.every((name) => newestMs(path.join(root, name)) < beganMs);
}

function newestMs(place) {
  const found = statSync(place);
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = readdirSync(place).filter((name) => !made.has(name));
  // The folder of a package changes with its dist, which is none of this.
  const own = inside.includes("package.json") ? [] : [found.mtimeMs];
  return Math.max(...own, ...inside.map((name) => newestMs(path.join(place, name))));
}
