/**
 * Makes four things importable, the same way in esbuild and in vite:
 *
 *   import source from "./matmul.wgsl"               the text of the file, minified
 *   import addresses from "hone:wasm"                functions that give the URLs of the compiled AssemblyScript
 *   import packed from "hone:wasm-packed"            all of it as one text: scripts/packed-wasm.mjs
 *   import code from "./worker.ts?worker-text"       the worker's whole program as JavaScript text, minified
 *
 * Worker text is a classic script: it runs as `new Worker(code, { eval: true })` in Node and as a blob
 * Worker in a page, so that no path has to be right. A .wasm file lies beside the code that asks for it, and
 * its URL is written in the one form that bundlers know. Types: scripts/assets.d.ts. Builds of wasm:
 * scripts/wasm-builds.mjs.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { minifyWgsl } from "./minify-wgsl.mjs";
import { minifyWorker } from "./minify-worker.mjs";
import { packWasm } from "./packed-wasm.mjs";
import { packedFamilies, wasmBuilds } from "./wasm-builds.mjs";

export const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));

/** The export condition under which a workspace package resolves to its source. */
export const sourceCondition = "@hone/source";

/** The lowest common syntax of the platforms: Node 20 and browsers that have WebGPU. */
export const syntaxTarget = "es2022";

const wasmName = "hone:wasm";
const packedName = "hone:wasm-packed";
const workerSuffix = "?worker-text";
export const cacheFolder = path.join(root, "node_modules/.cache/hone");

/** `{ kind, file }` of an asset import, or undefined for any other import. */
function parse(specifier, importerFolder) {
  if (specifier === wasmName) return { kind: "wasm", file: "all" };
  if (specifier === packedName) return { kind: "packed", file: "wasm" };
  if (specifier.endsWith(workerSuffix)) {
    return {
      kind: "worker",
      file: path.resolve(importerFolder, specifier.slice(0, -workerSuffix.length)),
    };
  }
  if (specifier.endsWith(".wgsl")) {
    return { kind: "wgsl", file: path.resolve(importerFolder, specifier) };
  }
  return undefined;
}

/** The JavaScript module that stands for an asset, and the files it was made from. `urlOf` says where a .wasm is. */
async function load(asset, urlOf) {
  if (asset.kind === "wgsl") {
    const text = minifyWgsl(await readFile(asset.file, "utf8"));
    return { code: `export default ${JSON.stringify(text)};`, files: [asset.file] };
  }
  if (asset.kind === "worker") {
    const { text, files } = await bundleWorker(asset.file);
    return { code: `export default ${JSON.stringify(text)};`, files };
  }
  if (asset.kind === "packed") return packed();
  const names = Object.keys(wasmBuilds);
  const compiled = await Promise.all(names.map(compileWasm));
  // Functions, because there is no `import.meta.url` in some bundles, and then they throw.
  const rows = compiled.map((build, at) => `"${names[at]}": () => ${urlOf(build)}`);
  return { code: `export default {${rows.join(", ")}};`, files: compiled[0].files };
}

/** The text of all kernels, and of each family how long its code is: plain, then relaxed. */
async function packed() {
  const compiled = (build) =>
    Promise.all(packedFamilies.map((family) => compileWasm(`${family}-${build}`)));
  const [plain, relaxed] = await Promise.all([compiled("plain"), compiled("relaxed")]);
  const joined = (builds) => Buffer.concat(builds.map(({ bytes }) => bytes));
  const lengths = packedFamilies.map((family, at) => [
    family,
    plain[at].bytes.length,
    relaxed[at].bytes.length,
  ]);
  const text = packWasm([joined(plain), joined(relaxed)]);
  const code = `export const lengths = ${JSON.stringify(lengths)};\nexport default "${text}";`;
  return { code, files: plain[0].files };
}

/** The code of an asset, by the name that esbuild's metafile gives it; undefined for all else. */
export async function assetCode(input) {
  const [, kind, name] = /^hone:(worker|wgsl|packed):(.*)$/.exec(input) ?? [];
  if (kind === undefined) return undefined;
  return (await load({ kind, file: path.resolve(root, name) })).code;
}

/** Bundles a worker's entry, dependencies included, into the text of one classic script. */
export async function bundleWorker(entry) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    absWorkingDir: root,
    format: "iife",
    platform: "neutral",
    target: syntaxTarget,
    minify: true,
    mainFields: ["module", "main"],
    conditions: [sourceCondition],
    external: ["node:*"],
    legalComments: "none",
    logLevel: "silent",
    plugins: [esbuildAssets()],
  });
  const files = Object.keys(result.metafile.inputs)
    .map((input) => path.resolve(root, input))
    .filter((file) => existsSync(file));
  return { text: await minifyWorker(result.outputFiles[0].text, cacheFolder), files };
}

const compiling = new Map();

/** Ends of the last runs of asc that were begun, as many as run side by side: each takes a processor. */
const lanes = Array.from({ length: availableParallelism() }, () => Promise.resolve());

/** Runs it when a lane is free. */
function inLane(run) {
  const lane = lanes.shift();
  const ended = lane.then(run);
  lanes.push(ended.catch(() => {}));
  return ended;
}

/**
 * Compiles the build `name` of wasm-builds.mjs; the result is kept under node_modules/.cache by the
 * hash of every source and option, because asc takes about two seconds.
 */
export function compileWasm(name) {
  const row = wasmBuilds[name];
  if (row === undefined) {
    const known = Object.keys(wasmBuilds).join(", ");
    throw new Error(
      `[hone] build: no wasm build "${name}"; known: ${known}. Add it to scripts/wasm-builds.mjs.`,
    );
  }
  return compileRow(name, row);
}

async function compileRow(name, row) {
  const folder = path.dirname(path.join(root, row.entry));
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => path.join(folder, file));
  const manifest = path.join(root, "node_modules/assemblyscript/package.json");
  const hash = createHash("sha256").update(JSON.stringify([row, await readFile(manifest, "utf8")]));
  for (const file of files) hash.update(path.relative(folder, file)).update(await readFile(file));
  const target = path.join(cacheFolder, `${name}-${hash.digest("hex").slice(0, 20)}.wasm`);
  if (!existsSync(target)) {
    if (!compiling.has(target)) {
      compiling.set(
        target,
        inLane(() => runAsc(row, target)).finally(() => compiling.delete(target)),
      );
    }
    await compiling.get(target);
  }
  return { name: wasmFileName(name), file: target, bytes: await readFile(target), files };
}

/** What the file of a build is called in a package. */
export function wasmFileName(name) {
  return `kernels-${name}.wasm`;
}

async function runAsc(row, target) {
  await mkdir(cacheFolder, { recursive: true });
  const scratch = `${target}.${process.pid}.tmp`;
  const asc = path.join(root, "node_modules/assemblyscript/bin/asc.js");
  const options = [asc, row.entry, ...row.options, "--outFile", path.relative(root, scratch)];
  try {
    await promisify(execFile)(process.execPath, options, { cwd: root });
    await rename(scratch, target);
  } catch (error) {
    throw new Error(`[hone] build: asc failed on ${row.entry}:\n${error.stderr || error.message}`, {
      cause: error,
    });
  } finally {
    await rm(scratch, { force: true });
  }
}

/**
 * The plugin for esbuild. What is built into a folder gets the .wasm files that it asks for there too, beside its
 * entries: code that asks for one must be an entry's own, and no chunk's.
 */
export function esbuildAssets() {
  return {
    name: "hone-assets",
    setup(build) {
      const emitted = new Map();
      build.onResolve({ filter: /^hone:wasm|\.wgsl$|\?worker-text$/ }, (args) => {
        const asset = parse(args.path, args.resolveDir);
        // Relative, because esbuild writes it into the bundle as a comment.
        const name = path.isAbsolute(asset.file) ? path.relative(root, asset.file) : asset.file;
        return { path: `${asset.kind}:${name}`, namespace: "hone", pluginData: asset };
      });
      build.onLoad({ filter: /.*/, namespace: "hone" }, async (args) => {
        const { code, files } = await load(args.pluginData, ({ name, bytes }) => {
          emitted.set(name, bytes);
          return `new URL("./${name}", import.meta.url)`;
        });
        return { contents: code, loader: "js", watchFiles: files };
      });
      build.onEnd(async () => {
        const { outdir, write } = build.initialOptions;
        if (outdir === undefined || write === false) return;
        await mkdir(outdir, { recursive: true });
        for (const [name, bytes] of emitted) await writeFile(path.join(outdir, name), bytes);
      });
    },
  };
}

/** The plugin for vite and vitest: a .wasm file is read where it was compiled, in Node and through vite's server. */
export function viteAssets() {
  const assets = new Map();
  return {
    name: "hone-assets",
    enforce: "pre",
    resolveId(specifier, importer) {
      const folder = importer === undefined ? root : path.dirname(importer.replace(/\?.*$/, ""));
      const asset = parse(specifier, folder);
      if (asset === undefined) return null;
      // The id ends in .js: an id that ended in .ts or .wgsl would go through other plugins.
      const id = `\0hone-${asset.kind}:${asset.file}.js`;
      assets.set(id, asset);
      return id;
    },
    async load(id, options) {
      const asset = assets.get(id);
      if (asset === undefined) return null;
      const { code, files } = await load(asset, ({ file }) =>
        options?.ssr
          ? `new URL("${pathToFileURL(file)}")`
          : `new URL("/@fs${file}", globalThis.location.href)`,
      );
      for (const file of files) this.addWatchFile(file);
      return { code, map: null };
    },
  };
}
