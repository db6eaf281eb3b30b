/**
 * A plugin for bundles that are made of the packages as they are published: in files for groups of modules, which weigh
 * less than what a bundler cuts their sources into. A package is built when it is first imported, once a process.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder, root } from "./bundle-plugin.mjs";
import { entriesOf, writeModules } from "./package-modules.mjs";

/** @param place a folder of the cache: the same each time, since names of chunks follow from where modules lie */
export function builtPackages(place) {
  const folder = path.join(cacheFolder, place);
  const building = new Map();
  const build = async (name) => {
    const source = path.join(root, "packages", name);
    const { present } = await entriesOf(source);
    return writeModules(source, present, path.join(folder, name));
  };
  const built = (name) => {
    if (!building.has(name)) building.set(name, build(name));
    return building.get(name);
  };
  const plugin = {
    name: "built packages",
    setup({ onResolve }) {
      onResolve({ filter: /^@hone\// }, async ({ path: specifier }) => {
        const [, name, entry] = /^@hone\/(\w+)(\/.*)?$/.exec(specifier);
        await built(name);
        const file = path.join(root, "packages", name, "package.json");
        const { exports } = JSON.parse(readFileSync(file, "utf8"));
        const target = exports[`.${entry ?? ""}`].default.replace("./dist/", "");
        return { path: path.join(folder, name, target), sideEffects: false };
      });
      onResolve({ filter: /^\.\.?\// }, ({ path: specifier, resolveDir }) =>
        resolveDir.startsWith(folder)
          ? { path: path.join(resolveDir, specifier), sideEffects: false }
          : undefined,
      );
    },
  };
  return { built, plugin, folder };
}
