/**
 * `npm run reference`: the API reference of every public entry, as pages in hone-out/reference/. TypeDoc and the TypeScript
 * that it can work with, which is older than ours, are fetched when they are wanted, so that no install pays for them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./bundle-plugin.mjs";

const tools = ["typedoc@0.28.20", "typescript@6.0.3"];

/** Sources of what a package offers, but for what it offers to this repository alone. */
function entriesOf(folder) {
  const manifest = path.join(folder, "package.json");
  if (!existsSync(manifest)) return [];
  const { private: isPrivate, exports = {} } = JSON.parse(readFileSync(manifest, "utf8"));
  if (isPrivate) return [];
  return Object.entries(exports)
    .filter(([name, target]) => name !== "./internals" && target["@hone/source"])
    .map(([, target]) => path.join(folder, target["@hone/source"]));
}

const packages = path.join(root, "packages");
const words = [
  ...readdirSync(packages).flatMap((name) => entriesOf(path.join(packages, name))),
  ...["--tsconfig", path.join(root, "tsconfig.json"), "--basePath", packages],
  ...["--name", "Hone", "--readme", path.join(packages, "core/README.md")],
  "--skipErrorChecking",
  "--excludePrivate",
  "--excludeInternal",
  "--disableGit",
  ...["--sourceLinkTemplate", "https://github.com/hone-ml/hone/blob/main/packages/{path}#L{line}"],
  ...["--out", path.join(root, "hone-out/reference")],
];
const fetched = tools.flatMap((tool) => ["--package", tool]);
const { status } = spawnSync("npm", ["exec", "--yes", ...fetched, "--", "typedoc", ...words], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
