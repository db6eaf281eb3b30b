/**
 * Hone as others meet it: each project of fixtures/consumers is copied into an empty folder, gets the packed tarballs
 * from npm, is built with its tool's own defaults, and run. All run the same train.js, which trains on drawn digits,
 * predicts, and tells which backend did.
 */
import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { launchChromium, serve } from "./browser.mjs";
import { root } from "./bundle-plugin.mjs";
import { packInto } from "./pack.mjs";

const run = promisify(execFile);
const fixtures = path.join(root, "fixtures/consumers");
const tfjs = ["core", "layers"].map((name) => `@tensorflow/tfjs-${name}@4.22.0`);
/** What train.js imports. */
const wanted = ["core", "cpu", "wasm", "webgpu", "data", "hone"].map((name) => `@hone/${name}`);

/**
 * A folder with the packages installed, from which projects are made.
 * @returns {Promise<{ project: (name: string, packages?: readonly string[]) => Promise<string>, remove: () => Promise<void> }>}
 */
export async function consumerGround() {
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-consumers-"));
  const base = path.join(folder, "base");
  await mkdir(base);
  await writeFile(path.join(base, "package.json"), '{ "private": true, "type": "module" }');
  const packed = await packInto(folder);
  const tarballs = packed
    .filter(({ manifest }) => wanted.includes(manifest.name))
    .map(({ tarball }) => tarball);
  await install(base, [...tarballs, ...tfjs]);
  return {
    async project(name, packages = []) {
      const place = path.join(folder, `${name}-${Math.random().toString(36).slice(2)}`);
      await cp(base, place, { recursive: true, verbatimSymlinks: true });
      await cp(path.join(fixtures, "shared"), place, { recursive: true });
      await cp(path.join(fixtures, name), place, { recursive: true });
      if (packages.length > 0) await install(place, packages);
      return place;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function install(folder, packages) {
  const words = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--save-exact"];
  return run("npm", [...words, ...packages], { cwd: folder });
}

/** Runs a program in a project. @returns what it printed; fails with all it said */
export async function runIn(folder, [program, ...words]) {
  const settings = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: quietly() };
  return run(program, words, settings).catch((error) => {
    throw new Error(`${program} ${words.join(" ")}:\n${error.stdout}\n${error.stderr}`);
  });
}

/** Starts a server in a project, and waits until it answers. @returns {Promise<{ url: string, close: () => void, said: () => string }>} */
export async function serverIn(folder, command) {
  const port = await freePort();
  const [program, ...words] = command(String(port));
  const child = spawn(program, words, { cwd: folder, env: quietly() });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`${program} ${words.join(" ")}:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, close: () => child.kill(), said: () => said };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Without what this process runs under: a test runner's settings are no consumer's. */
function quietly() {
  const own = /^(NODE_|VITEST|VITE_|npm_|HONE_)/;
  const rest = Object.entries(process.env).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(rest), NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
}

/** The line of JSON that a program or a page leaves. */
export function resultIn(text) {
  const line = text.split("\n").find((one) => one.startsWith("{"));
  if (line === undefined) throw new Error(`there is no result in:\n${text}`);
  return JSON.parse(line);
}

/**
 * Opens pages of `folder`, one after another, in one Chromium.
 * @param headers the server's, beside none
 * @param flags of Chromium; with `gpu: false` it has no WebGPU
 * @returns {Promise<{ open: (address?: string) => Promise<object>, close: () => Promise<void> }>} `open` gives what
 *   the page's train.js told, or `{ error }`
 */
export async function pagesOf({ folder, url, headers = {}, flags = [], gpu = true }) {
  const server = url === undefined ? await serve({ folder, headers }) : undefined;
  const browser = await launchChromium({ flags: gpu ? flags : [...flags, ...withoutGpu] });
  return {
    async open(address = "/", host = undefined) {
      const page = await browser.newPage();
      const said = [];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      try {
        const base = new URL(url ?? server.url);
        if (host !== undefined) base.hostname = host;
        await page.goto(new URL(address, base).href);
        const told = page.locator("output:not(:empty)");
        await told.waitFor({ state: "attached", timeout: 60_000 }).catch(() => {
          throw new Error(`the page told nothing. It said:\n${said.join("\n")}`);
        });
        return { ...JSON.parse(await told.textContent()), said };
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      await server?.close();
    },
  };
}

const withoutGpu = ["--disable-features=WebGPU,WebGPUService", "--use-webgpu-adapter=disabled"];
