/**
 * A worker's program once more through terser, which knows more than esbuild of what is said in fewer bytes: 3 to 6 % of
 * what a page loads of it. Code of pages gains nothing by it, since their bundlers name and print all anew.
 *
 * It takes a second or two, so results are kept under node_modules/.cache by the hash of the text.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { minify } from "terser";

const manifest = createRequire(import.meta.url)("terser/package.json");

const options = { ecma: 2020, compress: { passes: 2 }, mangle: true };

/** What is being made: two bundles of one process may want the same text at once. */
const making = new Map();

/** @param folder where results are kept */
export function minifyWorker(text, folder) {
  const key = JSON.stringify([options, manifest.version, text]);
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 20);
  const kept = path.join(folder, `worker-${hash}.js`);
  if (!making.has(kept)) {
    making.set(
      kept,
      made(text, kept).finally(() => making.delete(kept)),
    );
  }
  return making.get(kept);
}

async function made(text, kept) {
  if (existsSync(kept)) return readFile(kept, "utf8");
  const { code } = await minify(text, options);
  await mkdir(path.dirname(kept), { recursive: true });
  const scratch = `${kept}.${process.pid}.tmp`;
  await writeFile(scratch, code);
  await rename(scratch, kept);
  return code;
}
