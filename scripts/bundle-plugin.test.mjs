import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWorker, cacheFolder, compileWasm, esbuildAssets, root } from "./bundle-plugin.mjs";
import { wasmBuilds } from "./wasm-builds.mjs";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "hone-plugin-"));
  writeFileSync(path.join(folder, "kernel.wgsl"), "fn main() { let quoted = `\\n`; }\n");
  writeFileSync(
    path.join(folder, "worker.ts"),
    `import source from "./kernel.wgsl";
     const { parentPort } = process.getBuiltinModule("node:worker_threads");
     parentPort?.postMessage(source as string);`,
  );
  writeFileSync(
    path.join(folder, "entry.ts"),
    'export { default } from "./worker.ts?worker-text";',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a worker's text carries its own assets and runs without a path", async () => {
  const { text } = await bundleWorker(path.join(folder, "worker.ts"));
  const worker = new Worker(text, { eval: true });
  const source = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  expect(source).toBe("fn main(){let quoted=`\\n`;}");
});

test("a bundle names no folder of the machine it was made on", async () => {
  const result = await build({
    entryPoints: [path.join(folder, "entry.ts")],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    plugins: [esbuildAssets()],
  });
  const text = result.outputFiles[0].text;
  expect(text).toContain("fn main(){");
  expect(text).not.toContain(root);
});

/** When what the cache holds of a wasm build was written. */
const writingTimes = (name) =>
  readdirSync(cacheFolder)
    .filter((file) => file.startsWith(`${name}-`))
    .map((file) => [file, statSync(path.join(cacheFolder, file)).mtimeMs]);

test("every wasm build compiles, and a second time comes from the cache", async () => {
  // Node 20 knows relaxed SIMD, but hides it.
  v8.setFlagsFromString("--experimental-wasm-relaxed-simd");
  for (const name of Object.keys(wasmBuilds)) {
    const { bytes } = await compileWasm(name);
    expect(WebAssembly.validate(bytes), name).toBe(true);
    const written = writingTimes(name);
    expect(written.length).toBeGreaterThan(0);
    expect((await compileWasm(name)).bytes.equals(bytes)).toBe(true);
    expect(writingTimes(name)).toEqual(written);
  }
});

test("an unknown wasm build is refused by name", () => {
  expect(() => compileWasm("nope")).toThrow(
    `no wasm build "nope"; known: ${Object.keys(wasmBuilds).join(", ")}. Add it to scripts/wasm-builds.mjs.`,
  );
});

test("what is built into a folder has the .wasm files it asks for beside it, and no others", async () => {
  const outdir = path.join(folder, "out");
  const entry = path.join(folder, "asks.ts");
  writeFileSync(entry, 'export { default } from "hone:wasm";');
  const options = { bundle: true, format: "esm", plugins: [esbuildAssets()] };
  await build({ ...options, entryPoints: [entry], outdir });
  const { default: addresses } = await import(pathToFileURL(path.join(outdir, "asks.js")).href);
  const names = Object.keys(wasmBuilds);
  expect(Object.keys(addresses)).toEqual(names);
  for (const [name, address] of Object.entries(addresses)) {
    expect(fileURLToPath(address())).toBe(path.join(outdir, `kernels-${name}.wasm`));
    const bytes = readFileSync(address());
    expect(bytes.equals((await compileWasm(name)).bytes)).toBe(true);
    // Vite makes text of smaller files.
    expect(bytes.length).toBeGreaterThan(4096);
  }
  const files = names.map((name) => `kernels-${name}.wasm`);
  expect(readdirSync(outdir).sort()).toEqual(["asks.js", ...files].sort());
});
