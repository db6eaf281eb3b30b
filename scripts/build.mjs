/**
 * `npm run build`, and npm's `prepare`: bundles each package's entries into packages/<name>/dist and
 * writes their declarations beside them.
 *
 * Entries are read from package.json: in `exports`, what the source condition names is built into
 * what `default` names; a package with a `bin` also has src/main.ts. Types are not checked here
 * (`npm run check` does), so that one package's error does not stop the others.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import {
  bundleWorker,
  esbuildAssets,
  root,
  sourceCondition,
  syntaxTarget,
} from "./bundle-plugin.mjs";
import { bundleForCdn } from "./cdn-bundle.mjs";

const started = performance.now();
const packagesFolder = path.join(root, "packages");
const cacheFolder = path.join(root, "node_modules/.cache/hone");

/** Source files of a package's entries, and those that are named but not there. */
async function readEntries(folder) {
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

async function bundle(folder, sources) {
  await rm(path.join(folder, "dist"), { recursive: true, force: true });
  const result = await build({
    entryPoints: sources.map((source) => path.join(folder, source)),
    outdir: path.join(folder, "dist"),
    outbase: path.join(folder, "src"),
    chunkNames: "chunks/[name]-[hash]",
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: syntaxTarget,
    packages: "external",
    sourcemap: true,
    metafile: true,
    logLevel: "silent",
    plugins: [esbuildAssets()],
  });
  const outputs = Object.keys(result.metafile.outputs).filter((output) => output.endsWith(".js"));
  await Promise.all(outputs.map(dropBareImports));
  await Promise.all(outputs.map((output) => shortenMap(path.join(root, `${output}.map`))));
  checkPlaces(result.metafile.outputs);
  await writeWorker(folder);
  await writeCdn(folder);
  return outputs.reduce((sum, output) => sum + result.metafile.outputs[output].bytes, 0);
}

/** Code that asks for a file beside it must lie beside it, and not with the chunks. */
function checkPlaces(outputs) {
  for (const [output, { inputs }] of Object.entries(outputs)) {
    const asset = Object.keys(inputs).find((input) => input.startsWith("hone:wasm:"));
    if (asset === undefined || !output.includes("/chunks/")) continue;
    throw new Error(
      `[hone] build: ${output} asks for ${asset} in its own folder, which is not there. Import that from one entry only.`,
    );
  }
}

/**
 * Code splitting imports a shared chunk by its bare name, for effects it does not have; as our packages
 * declare none, a user's bundler would warn that it leaves those imports out. Their lines stay, empty, so that the
 * source map is still right.
 */
async function dropBareImports(output) {
  const file = path.join(root, output);
  const code = await readFile(file, "utf8");
  await writeFile(file, code.replace(/^import "\.[^"]*\/chunk-[^"]*\.js";$/gm, ""));
}

/** A source map holds the sources, which are not packed, but not what stands for assets: nobody steps through bytes. */
async function shortenMap(file) {
  const map = JSON.parse(await readFile(file, "utf8"));
  map.sourcesContent = map.sourcesContent.map((text, index) =>
    map.sources[index].startsWith("hone:") ? null : text,
  );
  await writeFile(file, JSON.stringify(map));
}

/** The worker's script as a file too, for pages whose policy forbids blob workers. */
async function writeWorker(folder) {
  const entry = path.join(folder, "src/worker.ts");
  if (!existsSync(entry)) return;
  const { text } = await bundleWorker(entry);
  await writeFile(path.join(folder, "dist/worker.js"), text);
}

/** What `src/cdn.ts` gives, as one file for content delivery networks. */
async function writeCdn(folder) {
  const entry = path.join(folder, "src/cdn.ts");
  if (!existsSync(entry)) return;
  const file = path.join(folder, `dist/${path.basename(folder)}.cdn.js`);
  await writeFile(file, await bundleForCdn(entry));
}

/** One run of tsc for all packages, whose tree is then cut into each package's dist. */
async function writeDeclarations(names) {
  const output = path.join(cacheFolder, "types");
  const config = path.join(cacheFolder, "tsconfig.types.json");
  await rm(output, { recursive: true, force: true });
  await mkdir(cacheFolder, { recursive: true });
  const settings = {
    extends: path.join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      noCheck: true,
      emitDeclarationOnly: true,
      rootDir: root,
      outDir: output,
    },
    include: [
      ...names.map((name) => path.join(packagesFolder, name, "src/**/*.ts")),
      path.join(root, "scripts/**/*.d.ts"),
    ],
    exclude: ["**/*.test.ts", "*/src/**/test/**"].map((glob) => path.join(packagesFolder, glob)),
  };
  await writeFile(config, JSON.stringify(settings));
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [tsc, "-p", config]);
  } catch (error) {
    throw new Error(`[hone] build: tsc wrote no declarations:\n${error.stdout || error.message}`, {
      cause: error,
    });
  }
  for (const name of names) {
    const from = path.join(output, "packages", name, "src");
    await cp(from, path.join(packagesFolder, name, "dist"), { recursive: true });
  }
}

async function main() {
  const names = [];
  const absent = [];
  const bundles = [];
  for (const name of (await readdir(packagesFolder)).sort()) {
    const folder = path.join(packagesFolder, name);
    if (!existsSync(path.join(folder, "package.json"))) continue;
    const entries = await readEntries(folder);
    absent.push(...entries.absent.map((source) => path.join("packages", name, source)));
    if (entries.present.length === 0) continue;
    names.push(name);
    bundles.push(bundle(folder, entries.present));
  }
  if (absent.length > 0) console.log(`[hone] build: skipped, no source: ${absent.join(", ")}`);
  if (names.length === 0) return;
  const sizes = await Promise.all(bundles);
  await writeDeclarations(names);
  const kilobytes = Math.round(sizes.reduce((sum, bytes) => sum + bytes, 0) / 1000);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `[hone] build: ${names.join(" ")} -> packages/*/dist, ${kilobytes} kB of JavaScript, ${seconds} s`,
  );
}

try {
  await main();
} catch (error) {
  console.error(
    error.message.startsWith("[hone]") ? error.message : `[hone] build: ${error.message}`,
  );
  process.exitCode = 1;
}
