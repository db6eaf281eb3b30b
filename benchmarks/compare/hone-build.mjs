/** Which build of Hone was measured: a rebuild between two rounds would compare two programs. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));

/** A hash of all JavaScript in the packages' dist. */
export async function honeBuild() {
  const hash = createHash("sha256");
  for (const name of (await readdir(packages)).sort()) {
    const dist = path.join(packages, name, "dist");
    const files = await readdir(dist, { recursive: true }).catch(() => []);
    for (const file of files.filter((each) => each.endsWith(".js")).sort()) {
      hash.update(`${name}/${file}`).update(await readFile(path.join(dist, file)).catch(() => ""));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
