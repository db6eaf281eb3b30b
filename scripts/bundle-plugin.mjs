/**
 * Makes four things importable as plain values, the same way in esbuild and in vite:
 *
 *   import source from "./matmul.wgsl"               the text of the file
 *   import bytes from "hone:wasm/kernels"            a Uint8Array: AssemblyScript, compiled
 *   import code from "./worker.ts?worker-text"       the worker's whole program as JavaScript text
 *
 * so that a bundle is one file that needs no path at run time. Worker text is a classic script: it
 * runs as `new Worker(code, { eval: true })` in Node and as a blob Worker in a page. Types:
 * scripts/assets.d.ts. Builds of wasm: scripts/wasm-builds.mjs.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { wasmBuilds } from "./wasm-builds.mjs";

export const root = path.resolve(fileURLToPath(new URL("..", import.meta.url)));

/** The export condition under which a workspace package resolves to its source. */
export const sourceCondition = "@hone/source";

/** The lowest common syntax of the platforms: Node 20 and browsers that have WebGPU. */
export const syntaxTarget = "es2022";

const wasmPrefix = "hone:wasm/";
const workerSuffix = "?worker-text";
export const cacheFolder = path.join(root, "node_modules/.cache/hone");

/** `{ kind, file }` of an asset import, or undefined for any other import. */
function parse(specifier, importerFolder) {
  if (specifier.startsWith(wasmPrefix)) {
    return { kind: "wasm", file: specifier.slice(wasmPrefix.length) };
  }
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

/** The JavaScript module that stands for an asset, and the files it was made from. */
async function load(asset) {
  if (asset.kind === "wgsl") {
    const text = await readFile(asset.file, "utf8");
    return { code: `export default ${JSON.stringify(text)};`, files: [asset.file] };
  }
  if (asset.kind === "worker") {
    const { text, files } = await bundleWorker(asset.file);
    return { code: `export default ${JSON.stringify(text)};`, files };
  }
  const { bytes, files } = await compileWasm(asset.file);
  const decode = `Uint8Array.from(atob("${bytes.toString("base64")}"), (c) => c.charCodeAt(0))`;
  return { code: `export default /* @__PURE__ */ ${decode};`, files };
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
  return { text: result.outputFiles[0].text, files };
}

const compiling = new Map();

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
        runAsc(row, target).finally(() => compiling.delete(target)),
      );
    }
    await compiling.get(target);
  }
  return { bytes: await readFile(target), files };
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

/** The plugin for esbuild. */
export function esbuildAssets() {
  return {
    name: "hone-assets",
    setup(build) {
      build.onResolve({ filter: /^hone:wasm\/|\.wgsl$|\?worker-text$/ }, (args) => {
        const asset = parse(args.path, args.resolveDir);
        // Relative, because esbuild writes it into the bundle as a comment.
        const name = asset.kind === "wasm" ? asset.file : path.relative(root, asset.file);
        return { path: `${asset.kind}:${name}`, namespace: "hone", pluginData: asset };
      });
      build.onLoad({ filter: /.*/, namespace: "hone" }, async (args) => {
        const { code, files } = await load(args.pluginData);
        return { contents: code, loader: "js", watchFiles: files };
      });
    },
  };
}

/** The plugin for vite and vitest. */
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
    async load(id) {
      const asset = assets.get(id);
      if (asset === undefined) return null;
      const { code, files } = await load(asset);
      for (const file of files) this.addWatchFile(file);
      return { code, map: null };
    },
  };
}
