/**
 * A package as bundlers want it: a file for each module, since by modules alone they can tell what a page loads late
 * or not at all; and a file for each group of module-groups.mjs, which its modules then give on.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { esbuildAssets, root, sourceCondition, syntaxTarget } from "./bundle-plugin.mjs";
import { moduleGroups } from "./module-groups.mjs";

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: syntaxTarget,
  packages: "external",
  metafile: true,
  logLevel: "silent",
};

/** Source files of a package's entries, and those that are named but not there. */
export async function entriesOf(folder) {
  const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const sources = [];
  for (const target of Object.values(manifest.exports ?? {})) {
    const source = target[sourceCondition];
    if (source === undefined) continue;
    const expected = source.replace("./src/", "./dist/").replace(/\.ts$/, ".js");
    if (target.default !== expected) {
      throw new Error(
        `[hone] build: ${manifest.name} maps ${source} to ${target.default}. Map it to ${expected}.`,
      );
    }
    sources.push(source);
  }
  if (manifest.bin !== undefined) sources.push("./src/main.ts");
  const present = sources.filter((source) => existsSync(path.join(folder, source)));
  return { present, absent: sources.filter((source) => !present.includes(source)) };
}

/**
 * Writes what the sources import, of the same package, into `output`.
 *
 * @returns of each file written its bytes, and how many of them each source is, as in esbuild's metafile
 */
export async function writeModules(folder, sources, output) {
  const place = path.join(folder, "src");
  const { inputs } = await importsOf(sources.map((source) => path.join(folder, source)));
  const modules = Object.keys(inputs).map((input) => path.join(root, input));
  const apart = await build({
    ...common,
    entryPoints: modules,
    outdir: output,
    outbase: place,
    sourcemap: true,
    plugins: [modulesApart, esbuildAssets()],
  });
  const files = scripts(apart);
  await Promise.all(Object.keys(files).map((file) => giveOn(path.join(root, file))));
  const taken = new Set();
  const places = new Map();
  const all = (names = []) =>
    together(
      inputs,
      names.map((module) => path.relative(root, path.join(place, `${module}.ts`))),
    );
  for (const { name, from, besides } of moduleGroups[path.basename(folder)] ?? []) {
    const others = new Set([...taken, ...all(besides)]);
    const members = all(from).filter((member) => !others.has(member));
    for (const member of members) taken.add(member);
    const written = await writeGroup({ name, members, place, output, files });
    Object.assign(files, written.files);
    for (const [file, given] of written.places) places.set(file, given);
  }
  const others = Object.keys(files).map((file) => path.join(root, file));
  await Promise.all(
    others.filter((file) => !places.has(file)).map((file) => goStraight(file, places)),
  );
  await Promise.all(Object.keys(files).map((file) => shortenMap(path.join(root, `${file}.map`))));
  return files;
}

const scripts = ({ metafile }) =>
  Object.fromEntries(Object.entries(metafile.outputs).filter(([file]) => file.endsWith(".js")));

/** Each module that the entries need, and what it imports. */
async function importsOf(entryPoints) {
  const plugins = [assetsApart];
  const options = { ...common, entryPoints, outdir: root, splitting: true, write: false, plugins };
  return (await build(options)).metafile;
}

/**
 * A module that only gives on what others export says so again: esbuild writes it as one that imports and exports, and
 * then takes all it gives on for used.
 */
async function giveOn(file) {
  const code = await readFile(file, "utf8");
  const imports = /^import \{([^}]*)\} from ("[^"]*");$/gm;
  const exports = /^export \{([^}]*)\};$/gm;
  const rest = code
    .replace(imports, "")
    .replace(exports, "")
    .replace(/^export \* from .*$/gm, "");
  if (rest.replace(/^\/\/.*$/gm, "").trim() !== "") return;
  const pairs = (list) =>
    list.split(",").map((one) => {
      const [from, to = from] = one.trim().split(" as ");
      return [from, to];
    });
  const origins = new Map();
  for (const [, list, source] of code.matchAll(imports)) {
    for (const [from, to] of pairs(list)) origins.set(to, { from, source });
  }
  const given = code.replace(imports, "").replace(exports, (_, list) =>
    pairs(list)
      .map(([local, name]) => {
        const { from, source } = origins.get(local);
        return `export { ${from} as ${name} } from ${source};`;
      })
      .join(""),
  );
  await writeFile(file, given);
}

/** The modules and all that they import at once. */
function together(inputs, modules) {
  const found = new Set(modules);
  for (const module of found) {
    for (const { path: imported, kind } of inputs[module]?.imports ?? []) {
      if (kind === "import-statement" && inputs[imported]) found.add(imported);
    }
  }
  return [...found].sort();
}

/**
 * What is in a group is imported from its file, and not by way of the file in its module's place: a bundler that cuts
 * chunks by who needs what makes an empty one of each such file that several have in common. Lines stay what they are.
 */
async function goStraight(file, places) {
  const code = await readFile(file, "utf8");
  const straight = code.replace(
    /(import|export) (\{[^}]*\}|\*) from "(\.[^"]*)";/g,
    (said, verb, names, source) => {
      const place = places.get(path.resolve(path.dirname(file), source));
      if (place === undefined) return said;
      const { group, at, exported } = place;
      const renamed =
        names === "*"
          ? `{ ${exported.map((name) => `${name}$${at} as ${name}`).join(", ")} }`
          : names.replace(
              /(\w+)( as \w+)?/g,
              (_, from, to) => `${from}$${at}${to ?? ` as ${from}`}`,
            );
      return `${verb} ${renamed} from ${JSON.stringify(addressOf(group, file))};`;
    },
  );
  if (straight !== code) await writeFile(file, straight);
}

/** How a file's import names another. */
function addressOf(file, importer) {
  const address = path.relative(path.dirname(importer), file);
  return address.startsWith(".") ? address : `./${address}`;
}

/**
 * Writes one file of all the members, in the place of theirs files which give on what is in it. Modules name things as
 * they like, so in the group's file a name is followed by its module's number.
 *
 * @returns the file as in esbuild's metafile, and where to find what each member exports
 */
async function writeGroup({ name, members, place, output, files }) {
  const fileOf = (member) =>
    path.join(output, path.relative(place, path.join(root, member))).replace(/\.ts$/, ".js");
  const group = path.join(output, `${name}.js`);
  const exported = members.map((member) => files[path.relative(root, fileOf(member))].exports);
  const named = (names, line) => names.map((one) => line(one)).join(", ");
  const contents = members
    .map((member, at) => {
      const names = named(exported[at], (one) => `${one} as ${one}$${at}`);
      return `export { ${names} } from ${JSON.stringify(`./${path.relative(place, path.join(root, member))}`)};`;
    })
    .join("\n");
  const own = new Set(members.map((member) => path.join(root, member)));
  const result = await build({
    ...common,
    stdin: { contents, resolveDir: place, sourcefile: `${name}.ts`, loader: "ts" },
    outfile: group,
    sourcemap: true,
    plugins: [othersApart(own, place), esbuildAssets()],
  });
  const places = new Map();
  for (const [at, member] of members.entries()) {
    const file = fileOf(member);
    places.set(file, { group, at, exported: exported[at] });
    const names = named(exported[at], (one) => `${one}$${at} as ${one}`);
    await writeFile(file, `export { ${names} } from ${JSON.stringify(addressOf(group, file))};\n`);
    await writeFile(
      `${file}.map`,
      JSON.stringify({ version: 3, sources: [], sourcesContent: [], mappings: "" }),
    );
  }
  return { files: scripts(result), places };
}

/** Other modules stay where they are. */
const modulesApart = {
  name: "modules apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
  },
};

/** All but a group's own modules stay where they are. The group's file lies where `place` is written to. */
function othersApart(own, place) {
  return {
    name: "others apart",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path: specifier, resolveDir, kind }) => {
        const file = path.join(resolveDir, specifier);
        if (kind === "import-statement" && own.has(file.replace(/\.js$/, ".ts"))) return undefined;
        return { path: `./${path.relative(place, file)}`, external: true, sideEffects: false };
      });
    },
  };
}

/** Assets are no modules of ours. */
const assetsApart = {
  name: "assets apart",
  setup({ onResolve }) {
    onResolve({ filter: /^hone:|\.wgsl$|\?worker-text$/ }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};

/** A source map holds the sources, which are not packed, but not what stands for assets: nobody steps through bytes. */
async function shortenMap(file) {
  const map = JSON.parse(await readFile(file, "utf8"));
  map.sourcesContent = map.sourcesContent.map((text, index) =>
    map.sources[index].startsWith("hone:") ? null : text,
  );
  await writeFile(file, JSON.stringify(map));
}
