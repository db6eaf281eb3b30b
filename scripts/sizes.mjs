/**
 * `npm run sizes [-- words]`: what the small apps of size-rows.mjs make a browser load, and where each kilobyte goes;
 * with words, only the rows whose names have them. `npm run check` holds the limits.
 *
 * Apps are bundled as their builders would, minified and split, from what the packages hold when they are published. A
 * chunk that comes late counts where the row says that the job loads it.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { builtPackages } from "./built-packages.mjs";
import { assetCode, compileWasm, root, syntaxTarget } from "./bundle-plugin.mjs";
import { sizeRows } from "./size-rows.mjs";

const entryName = "app.js";
const { built: builtPackage, plugin, folder: builtFolder } = builtPackages("sizes");

/** The packages that apps are made of; of each file how many bytes come from which source. */
async function built() {
  const files = await Promise.all(["core", "cpu", "wasm", "webgpu"].map(builtPackage));
  return Object.assign({}, ...files);
}

/** What was built of a source of the packages. */
function builtOf(source) {
  const [, name, module] = /^packages\/(\w+)\/src\/(.*)\.ts$/.exec(source) ?? [];
  return name && path.relative(root, path.join(builtFolder, name, `${module}.js`));
}
const compressed = (content) => gzipSync(content, { level: 9 }).length;

/**
 * Bundles a row's app and weighs what it loads.
 *
 * @returns {Promise<{ bytes: number, parts: Map<string, number>, unloaded: string[] }>} gzip bytes, by part of the
 *   house, and the source modules of the late chunks that were left out
 * @throws when the row names a late module that the app has not
 */
export async function measure({ name, code, late = [], files: kernels = [] }) {
  const files = await built();
  const result = await build({
    stdin: { contents: code, resolveDir: path.join(root, "packages/cli"), loader: "js" },
    outdir: path.join(root, "out"),
    entryNames: "app",
    chunkNames: "[name]-[hash]",
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: syntaxTarget,
    external: ["@tensorflow/*"],
    legalComments: "none",
    logLevel: "silent",
    plugins: [plugin],
  });
  const outputs = Object.fromEntries(
    Object.entries(result.metafile.outputs).map(([file, output]) => [path.basename(file), output]),
  );
  const texts = new Map(
    result.outputFiles.map((file) => [path.basename(file.path), file.contents]),
  );
  const sources = new Map(
    Object.entries(outputs)
      .filter(([, { entryPoint }]) => entryPoint !== undefined)
      .map(([file, { entryPoint }]) => [entryPoint, file]),
  );
  const begun = late.map((source) => {
    const file = sources.get(builtOf(source));
    if (file !== undefined) return file;
    const known = [...sources.keys()].map(sourceOf).filter((one) => one.startsWith("packages/"));
    throw new Error(
      `[hone] sizes: "${name}" loads ${source} late, which is none of ${known.join(", ")}.`,
    );
  });
  const loaded = closure(outputs, [entryName, ...begun]);
  const parts = new Map();
  const add = (part, bytes) => parts.set(part, (parts.get(part) ?? 0) + bytes);
  for (const file of loaded) {
    for (const [part, share] of await shares(outputs[file], compressed(texts.get(file)), files)) {
      add(part, share);
    }
  }
  for (const file of kernels) {
    const build = /^kernels-(.*)\.wasm$/.exec(file)?.[1] ?? file;
    add(`wasm/${file}`, compressed((await compileWasm(build)).bytes));
  }
  const bytes = Math.round([...parts.values()].reduce((sum, part) => sum + part, 0));
  const unloaded = [...sources]
    .filter(([, file]) => !loaded.has(file))
    .map(([source]) => sourceOf(source));
  return { bytes, parts, unloaded };
}

/**
 * A chunk's gzip bytes by part: texts within it as much as they weigh by themselves, for they compress unlike code,
 * and the rest by how much of the chunk's code each module is.
 */
async function shares(output, bytes, files) {
  const found = [];
  const inputs = bySource(output.inputs, files);
  let [codeBytes, codeLength] = [bytes, output.bytes];
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const text = bytesInOutput > 1000 ? await assetCode(input) : undefined;
    if (text === undefined) continue;
    const share = compressed(text);
    found.push([partOf(input), share]);
    codeBytes -= share;
    codeLength -= bytesInOutput;
    delete inputs[input];
  }
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    if (bytesInOutput > 0) found.push([partOf(input), (codeBytes * bytesInOutput) / codeLength]);
  }
  const named = found.reduce((sum, [, share]) => sum + share, 0);
  return [...found, ["bundler", bytes - named]];
}

/** How many bytes each source has in a chunk. Texts of assets are what they were; the code around them was minified. */
function bySource(inputs, files) {
  const found = {};
  const add = (source, bytesInOutput) => {
    found[source] = { bytesInOutput: (found[source]?.bytesInOutput ?? 0) + bytesInOutput };
  };
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const sources = Object.entries(files[input]?.inputs ?? { [input]: { bytesInOutput } });
    const lengthOf = (some) => some.reduce((sum, [, one]) => sum + one.bytesInOutput, 0);
    const texts = sources.filter(([source]) => source.startsWith("hone:"));
    const codes = sources.filter(([source]) => !source.startsWith("hone:"));
    const textLength = Math.min(lengthOf(texts), bytesInOutput);
    const scale = (bytesInOutput - textLength) / Math.max(lengthOf(codes), 1);
    for (const [source, one] of texts) add(source, one.bytesInOutput);
    for (const [source, one] of codes) add(source, one.bytesInOutput * scale);
  }
  return found;
}

const sourceOf = (file) =>
  path
    .relative(path.relative(root, builtFolder), file)
    .replace(/^(\w+)\/(.*)\.js$/, "packages/$1/src/$2.ts");

/** The files, and all that they import at once. */
function closure(outputs, files) {
  const loaded = new Set();
  const visit = (file) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path: imported, kind, external } of outputs[file].imports) {
      if (kind === "import-statement" && external !== true) visit(path.basename(imported));
    }
  };
  files.forEach(visit);
  return loaded;
}

/** The room of the house a module stands in: "core/run", "wasm", "wasm/src/worker.ts" for a worker's text. */
function partOf(input) {
  const asset = /^hone:(\w+):(?:packages\/)?(.*)$/.exec(input);
  if (asset?.[1] === "wgsl") return "webgpu/*.wgsl";
  if (asset?.[1] === "worker") return `${asset[2]} (text)`;
  if (asset?.[1] === "packed") return "wasm/kernels as text";
  const inside = /^packages\/([^/]+)\/src\/([^/]+)(\/?)/.exec(input);
  if (inside !== null) return inside[3] === "" ? inside[1] : `${inside[1]}/${inside[2]}`;
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "the app";
}

/** Rows over their limits, as lines; "" where there are none. */
export async function sizeFaults(rows = sizeRows) {
  const faults = [];
  for (const row of rows) {
    const { bytes } = await measure(row);
    if (bytes <= row.limit) continue;
    faults.push(
      `sizes: "${row.name}" is ${bytes} bytes, limit ${row.limit}. See where they go by npm run sizes; take them out, or argue for a higher limit in scripts/size-rows.mjs.`,
    );
  }
  return faults.join("\n");
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(6);

async function report(words) {
  const rows = sizeRows.filter(({ name }) => words.every((word) => name.includes(word)));
  for (const row of rows) {
    const { bytes, parts, unloaded } = await measure(row);
    console.log(
      `\n${kilobytes(bytes)} kB gzip  ${row.name} (limit ${kilobytes(row.limit).trim()})`,
    );
    for (const [part, share] of [...parts].sort((a, b) => b[1] - a[1])) {
      if (share >= 50) console.log(`  ${kilobytes(share)}  ${part}`);
    }
    if (unloaded.length > 0) console.log(`          not loaded: ${unloaded.join(", ")}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await report(process.argv.slice(2));
