/** What a user gets: the packed tarballs, installed into an empty folder, with no source in sight. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./bundle-plugin.mjs";

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
const inFolder = (program, ...words) => run(program, words, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-pack-"));
  const workspaces = [];
  for (const name of await readdir(path.join(root, "packages"))) {
    const file = path.join(root, "packages", name, "package.json");
    const manifest = await readFile(file, "utf8").then(JSON.parse, () => undefined);
    if (manifest !== undefined && manifest.private !== true)
      workspaces.push(`--workspace=${manifest.name}`);
  }
  await run("npm", ["pack", `--pack-destination=${folder}`, ...workspaces], { cwd: root });
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
  await writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await writeFile(path.join(folder, "train.ts"), script);
  await writeFile(path.join(folder, "train.mjs"), script);
  const packed = tarballs.map((file) => `./${file}`);
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
    expect(files).toContain(path.join("dist", "LICENSE"));
    const stray = files.filter((file) => /\.test\.|(^|\/)(test|src)\//.test(file));
    expect(stray).toEqual([]);
  }
});
