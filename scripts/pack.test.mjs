/** What a user gets: the packed tarballs, installed into an empty folder, with no source in sight. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./bundle-plugin.mjs";
import { lintTarball, packInto } from "./pack.mjs";

const run = promisify(execFile);
const peers = ["@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-layers@4.22.0"];

/** An example of the README's size. */
const script = `
import { adam, compile, pickFastest } from "@hone/core";
import { mlp } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { wasm } from "@hone/wasm";

const { train, test } = await digits();
const model = mlp({ seed: 7 });
const device = await pickFastest([wasm(), cpu()], { for: model, batchSize: 64 });
const session = await compile(model, { device, optimizer: adam(1e-3), seed: 7 });
const history = await session.fit(train, { epochs: 2, batchSize: 64 });
const { accuracy } = await session.evaluate(test);
await session.writeBack(model);
console.log(JSON.stringify({ backend: device.info.backend, loss: history.history.loss, accuracy }));
await session.close();
`.trimStart();

let folder = "";
let packages = [];
const inFolder = (program, ...words) => run(program, words, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-pack-"));
  packages = await packInto(folder);
  await writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await writeFile(path.join(folder, "train.ts"), script);
  await writeFile(path.join(folder, "train.mjs"), script);
  const packed = packages.map(({ tarball }) => tarball);
  await inFolder(
    "npm",
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    ...packed,
    ...peers,
  );
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a script of fifteen lines trains from the tarballs alone", async () => {
  expect(script.trim().split("\n").length).toBeLessThanOrEqual(17);
  const { stdout } = await inFolder(process.execPath, "train.mjs");
  const { backend, loss, accuracy } = JSON.parse(stdout);
  expect(backend).toBe("wasm");
  expect(loss).toHaveLength(2);
  expect(loss[1]).toBeLessThan(loss[0]);
  expect(accuracy).toBeGreaterThan(0.5);
});

test("the declarations in the tarballs type check strictly, without the source condition", async () => {
  const options = "--noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext";
  // tfjs's own declarations do not pass, so those of libraries are not checked.
  const words = `${options} --skipLibCheck --types node --typeRoots ${root}/node_modules/@types`;
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await inFolder(process.execPath, tsc, ...words.split(" "), "train.ts").catch(
    (error) => error,
  );
  expect(stdout).toBe("");
});

test("the declarations tell a page's types as well, which has none of Node's", async () => {
  const page = `import { compile, pickFastest } from "@hone/core";
declare const model: Parameters<typeof compile>[0];
const device = await pickFastest([]);
export const why: string = device.why;
// @ts-expect-error what was taken for any would be a number too
export const wrong: number = device.why;
await using session = await compile(model as never, { device });
export const step: number = session.step;
`;
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, types: [] },
    ...{ target: "es2022", module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"] },
  };
  await writeFile(path.join(folder, "page.ts"), page);
  const config = { compilerOptions, files: ["page.ts"] };
  await writeFile(path.join(folder, "tsconfig.page.json"), JSON.stringify(config));
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const words = [tsc, "-p", "tsconfig.page.json"];
  const { stdout } = await inFolder(process.execPath, ...words).catch((error) => error);
  expect(stdout).toBe("");
});

test("a page's bundle of that script is made without a warning", async () => {
  const { warnings } = await build({
    entryPoints: [path.join(folder, "train.mjs")],
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  expect(warnings.map(({ text }) => text)).toEqual([]);
});

test("every backend brings its worker as a file, for pages that forbid blob workers", async () => {
  for (const name of ["cpu", "wasm", "webgpu"]) {
    const file = path.join(folder, "node_modules/@hone", name, "dist/worker.js");
    expect(await readFile(file, "utf8")).toMatch(/^"use strict";\(\(\)=>\{/);
  }
});

test("the installed command answers, and no tarball holds tests or sources", async () => {
  const { stdout } = await inFolder("npx", "hone", "--help");
  expect(stdout).toMatch(/^hone \d.*\btrain/s);
  for (const name of await readdir(path.join(folder, "node_modules/@hone"))) {
    const files = await readdir(path.join(folder, "node_modules/@hone", name), { recursive: true });
    expect(files).toContain("LICENSE");
    expect(files).toContain("README.md");
    const stray = files.filter((file) => /\.test\.|(^|\/)(test|src)\//.test(file));
    expect(stray).toEqual([]);
  }
});

test("publint and attw find nothing wrong with any tarball, and find it where there is something", async () => {
  for (const one of packages) expect(await lintTarball(one)).toEqual([]);
  const spoiled = path.join(folder, "spoiled");
  const manifest = { name: "spoiled", version: "1.0.0", type: "module", exports: "./gone.js" };
  await mkdir(spoiled);
  await writeFile(path.join(spoiled, "package.json"), JSON.stringify(manifest));
  await run("npm", ["pack", "--pack-destination=.."], { cwd: spoiled });
  const faults = await lintTarball({ manifest, tarball: path.join(folder, "spoiled-1.0.0.tgz") });
  expect(faults.join("\n")).toMatch(/^spoiled: publint: .*gone\.js.*\n.*spoiled: attw: /s);
});

test("source maps lead from what is packed to the lines it was made of", async () => {
  let looked = 0;
  for (const name of ["core", "data", "wasm"]) {
    const dist = path.join(folder, "node_modules/@hone", name, "dist");
    const files = (await readdir(dist, { recursive: true })).filter((file) =>
      file.endsWith(".map"),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const payload = JSON.parse(await readFile(path.join(dist, file), "utf8"));
      const map = new SourceMap(payload);
      const lines = (await readFile(path.join(dist, file.slice(0, -4)), "utf8")).split("\n");
      for (const [line, text] of lines.entries()) {
        const [, declared] = /^(?:async )?function (\w+)\(/.exec(text) ?? [];
        if (declared === undefined) continue;
        const { originalSource, originalLine } = map.findEntry(line, text.indexOf(declared));
        const source = payload.sourcesContent[payload.sources.indexOf(originalSource)];
        // Where two files have a function of one name, the bundle numbers them.
        expect(source.split("\n")[originalLine]).toContain(declared.replace(/\d+$/, ""));
        looked++;
      }
    }
  }
  expect(looked).toBeGreaterThan(300);
});
