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
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { noteBuilt } from "./built-stamp.mjs";
import { bundleWorker, root } from "./bundle-plugin.mjs";
import { bundleForCdn } from "./cdn-bundle.mjs";
import { entriesOf, writeModules } from "./package-modules.mjs";
import { buildSite, siteFolder } from "./site.mjs";

const started = performance.now();
const beganMs = Date.now();
const packagesFolder = path.join(root, "packages");
const cacheFolder = path.join(root, "node_modules/.cache/hone");

/** Modules, and what is made beside them. */
async function bundle(folder, sources) {
  const output = path.join(folder, "dist");
  await rm(output, { recursive: true, force: true });
  const files = await writeModules(folder, sources, output);
  await writeWorker(folder);
  await writeCdn(folder);
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
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
    const entries = await entriesOf(folder);
    absent.push(...entries.absent.map((source) => path.join("packages", name, source)));
    if (entries.present.length === 0) continue;
    names.push(name);
    bundles.push(bundle(folder, entries.present));
  }
  if (absent.length > 0) console.log(`[hone] build: skipped, no source: ${absent.join(", ")}`);
  if (names.length === 0) return;
  const sizes = await Promise.all(bundles);
  await writeDeclarations(names);
  await buildSite();
  // What `hone serve` of the published package has.
  await cp(siteFolder, path.join(packagesFolder, "cli/dist/site"), { recursive: true });
  noteBuilt(beganMs);
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
