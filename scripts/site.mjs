/**
 * `npm run demo`: builds the demo into packages/web/dist and serves it; `npm run build` builds it too. What lies there
 * is a folder that any host can serve, under any path.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, transform } from "esbuild";
import { builtPackages } from "./built-packages.mjs";
import {
  cacheFolder,
  esbuildAssets,
  root,
  sourceCondition,
  syntaxTarget,
} from "./bundle-plugin.mjs";
import { bundleForCdn } from "./cdn-bundle.mjs";

const source = path.join(root, "packages/web/src");
export const siteFolder = path.join(root, "packages/web/dist");

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: syntaxTarget,
  mainFields: ["module", "main"],
  conditions: [sourceCondition],
  external: ["node:*"],
  legalComments: "none",
  logLevel: "silent",
};

/**
 * Builds the demo into a folder, which is emptied before.
 * @returns {Promise<string[]>} the files' names
 */
export async function buildSite(output = siteFolder) {
  // Of this process: tests that build it run side by side.
  const { plugin, folder } = builtPackages(`site-${process.pid}`);
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const entryPoints = ["main.ts", "data/digits-worker.ts", "views/race/race-worker.ts"].map(
    (file) => path.join(source, file),
  );
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir: output,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    splitting: true,
    metafile: true,
    plugins: [plugin, esbuildAssets()],
  });
  // The packages' code asks for them beside itself.
  for (const name of await wasmFiles(path.join(folder, "wasm"))) {
    await cp(path.join(folder, "wasm", name), path.join(output, name));
  }
  await rm(folder, { recursive: true });
  const files = {
    "index.html": await readFile(path.join(source, "index.html")),
    "icon.svg": await readFile(path.join(source, "icon.svg")),
    "exported-runtime.js": await bundleForCdn(path.join(source, "views/teach/exported-runtime.ts")),
    "style.css": await styles(),
    ...prefixed("models", await siteModelFiles()),
    ...prefixed("tfjs", await rivalKernels()),
  };
  await mkdir(path.join(output, "models"));
  await mkdir(path.join(output, "tfjs"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(output, name), content);
  }
  const scripts = Object.keys(metafile.outputs).map((file) => path.basename(file));
  const kernels = await wasmFiles(output);
  const names = [...new Set([...Object.keys(files), ...scripts, ...kernels])].sort();
  await writeServiceWorker(output, names);
  return [...names, "service-worker.js"];
}

const prefixed = (folder, files) =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]),
  );

async function wasmFiles(folder) {
  return (await readdir(folder)).filter((file) => file.endsWith(".wasm"));
}

/** What site-models.mjs makes, from the packages' sources: they need not be built. */
export async function siteModelFiles() {
  const outfile = path.join(cacheFolder, `site-models-${process.pid}.mjs`);
  await build({
    ...common,
    entryPoints: [path.join(root, "scripts/site-models.mjs")],
    outfile,
    platform: "node",
    external: ["@tensorflow/*"],
    plugins: [esbuildAssets()],
  });
  try {
    const { siteModels } = await import(/* @vite-ignore */ pathToFileURL(outfile).href);
    return await siteModels(await readFile(path.join(root, "packages/web/src/front/front.bin")));
  } finally {
    await rm(outfile);
  }
}

/** The kernels of tfjs's own WebAssembly backend, which the view Race loads. */
async function rivalKernels() {
  const folder = path.dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm")));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".wasm"));
  const read = async (name) => [name, await readFile(path.join(folder, name))];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** The theme that reports have too, and what only the demo needs. */
async function styles() {
  const { outputFiles } = await build({
    ...common,
    stdin: {
      contents: 'export { themeCss } from "@hone/report/theme"',
      resolveDir: source,
      loader: "ts",
    },
    write: false,
  });
  const address = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`;
  const { themeCss } = await import(/* @vite-ignore */ address);
  const views = (await readdir(source, { recursive: true })).filter((file) =>
    /\/.*\.css$/.test(file),
  );
  const sheets = ["style.css", ...views.sort()].map((file) => path.join(source, file));
  const own = (await Promise.all(sheets.map((file) => readFile(file, "utf8")))).join("\n");
  const { code } = await transform(`${themeCss}\n${own}`, {
    loader: "css",
    minify: true,
  });
  return code;
}

/** It is another file as soon as any file of the site is another, which is how a browser learns of a new release. */
async function writeServiceWorker(output, names) {
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(await readFile(path.join(output, name)));
  await build({
    ...common,
    entryPoints: [path.join(source, "service-worker.ts")],
    outdir: output,
    define: {
      __SITE_FILES__: JSON.stringify(names),
      __SITE_VERSION__: JSON.stringify(hash.digest("hex").slice(0, 16)),
    },
  });
}

async function main() {
  const began = performance.now();
  const names = await buildSite();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`[hone] demo: ${names.length} files in packages/web/dist, ${seconds} s`);
  if (process.argv.includes("--serve")) {
    const { main: hone } = await import("@hone/cli");
    process.exitCode = await hone([
      "serve",
      ...process.argv.slice(2).filter((word) => word !== "--serve"),
    ]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
