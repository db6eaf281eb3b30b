/** Backends in pages as they are met outside: files that are missing, policies, headers, in a real Chromium. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isolationHeaders, launchChromium, serve } from "./browser.mjs";
import { bundleWorker, esbuildAssets, root, sourceCondition } from "./bundle-plugin.mjs";
import { wasmBuilds } from "./wasm-builds.mjs";

const app = `
  import { cpu } from "@hone/cpu";
  import { wasm } from "@hone/wasm";
  import { wasm as inline } from "@hone/wasm/inline";
  import { webgpu } from "@hone/webgpu";
  import { pixels, recurrence } from "${root}/packages/wasm/src/test/programs.ts";

  const backends = { cpu, wasm, inline, webgpu };
  async function compute(device) {
    const executable = await device.load(recurrence());
    executable.bind("images", await device.upload({ images: pixels }));
    executable.write("weights", Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)));
    executable.run("step", { first: 0, steps: 20 });
    const [state] = await executable.read(["state"]);
    return [...state];
  }
  globalThis.open = async (name, options, count = 1) => {
    try {
      const backend = backends[name](options);
      const devices = await Promise.all(Array.from({ length: count }, () => backend.open()));
      const states = await Promise.all(devices.map(compute));
      const { numerics, threads } = devices[0].info;
      await Promise.all(devices.map((device) => device.close()));
      return { states, numerics, threads };
    } catch (error) {
      return { kind: error.kind, message: error.message };
    }
  };`;

const html = (script) => `<!doctype html><title>hone</title>${script}`;
const asModule = html('<script type="module" src="app.js"></script>');

let folder = "";
let browser;
let workers = {};

async function bundle(outdir, options) {
  await build({
    stdin: { contents: app, resolveDir: path.join(root, "packages/cli"), loader: "js" },
    outdir,
    entryNames: "app",
    bundle: true,
    absWorkingDir: root,
    target: "es2022",
    conditions: [sourceCondition],
    logLevel: "silent",
    plugins: [esbuildAssets()],
    ...options,
  });
}

if (process.env.HONE_TEST_BROWSER !== "off") {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "hone-pages-"));
    await bundle(path.join(folder, "split"), { format: "esm", splitting: true });
    await bundle(path.join(folder, "one"), { format: "iife" });
    const textOf = async (name) =>
      (await bundleWorker(path.join(root, "packages", name, "src/worker.ts"))).text;
    workers = { "/wasm.js": await textOf("wasm"), "/cpu.js": await textOf("cpu") };
    browser = await launchChromium();
  }, 200_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A page of the bundle; `work` is given what opens devices in it, and the names of what it has fetched. */
  async function inPage({ bundled = "split", files, headers = isolationHeaders, script }, work) {
    const server = await serve({
      folder: path.join(folder, bundled),
      files: { "/index.html": script ?? asModule, ...workers, ...files },
      headers,
    });
    const page = await browser.newPage();
    const fetched = [];
    page.on("request", (request) => {
      const { protocol, pathname } = new URL(request.url());
      if (protocol === "http:") fetched.push(path.basename(pathname));
    });
    try {
      await page.goto(server.url);
      await page.waitForFunction(() => typeof globalThis.open === "function" && open.length > 0);
      const open = (...words) => page.evaluate((given) => globalThis.open(...given), words);
      return await work({ open, fetched, page });
    } finally {
      await page.close();
      await server.close();
    }
  }

  const kernelsIn = (fetched) => fetched.filter((name) => /\.wasm$|packed/.test(name)).sort();
  /** Of the families that the program's ops are in. */
  const fused = ["base", "elementwise", "noise", "training"].map(
    (family) => `kernels-${family}-relaxed.wasm`,
  );

  test("a page fetches the kernels it needs once, for all its devices and their threads", async () => {
    await inPage({}, async ({ open, fetched }) => {
      const several = await open("wasm", { threads: 2, shareFrom: 0 }, 3);
      expect(several).toMatchObject({ numerics: "wasm-fused", threads: 2 });
      expect(new Set(several.states.map(String)).size).toBe(1);
      expect(kernelsIn(fetched)).toEqual(fused);
      const alone = await open("wasm", { threads: 1 });
      expect(alone.states[0]).toEqual(several.states[0]);
      expect(kernelsIn(fetched)).toEqual(fused);
    });
  });

  test("a page whose memory is not shared takes the same file, on one thread", async () => {
    await inPage({ headers: {} }, async ({ open, fetched }) => {
      expect(await open("wasm", {})).toMatchObject({ numerics: "wasm-fused", threads: 1 });
      expect(kernelsIn(fetched)).toEqual(fused);
    });
  });

  const missing = { "are not there": undefined, "are answered with the page": asModule };
  test.each(Object.keys(missing))("where the .wasm files %s, a chunk has them", async (how) => {
    const files = Object.fromEntries(
      Object.keys(wasmBuilds).map((name) => [`/kernels-${name}.wasm`, missing[how]]),
    );
    await inPage({ files }, async ({ open, fetched }) => {
      const found = await open("wasm", { threads: 2, shareFrom: 0 }, 2);
      expect(found).toMatchObject({ numerics: "wasm-fused", threads: 2 });
      expect(kernelsIn(fetched)).toEqual([
        "kernels-base-relaxed.wasm",
        expect.stringMatching(/^packed-kernels-/),
      ]);
    });
  });

  test("a server that knows no type for .wasm does no harm", async () => {
    const headers = (name) => ({
      ...isolationHeaders,
      ...(name.endsWith(".wasm") && { "Content-Type": "text/plain" }),
    });
    await inPage({ headers }, async ({ open, fetched }) => {
      expect(await open("wasm", {})).toMatchObject({ numerics: "wasm-fused" });
      expect(kernelsIn(fetched)).toEqual(fused);
    });
  });

  test("one classic script of everything fetches nothing, and computes the same", async () => {
    const script = html('<script src="app.js"></script>');
    await inPage({ bundled: "one", script }, async ({ open, fetched }) => {
      const outside = await open("wasm", { threads: 1 });
      expect(outside).toMatchObject({ numerics: "wasm-fused" });
      expect(await open("inline", { threads: 1 })).toEqual(outside);
      expect(await open("inline", { threads: 2, shareFrom: 0 })).toMatchObject({
        threads: 2,
        states: outside.states,
      });
      expect(fetched.filter((name) => !name.startsWith("favicon"))).toEqual(["", "app.js"]);
    });
  });

  const trusting = (names) => ({
    ...isolationHeaders,
    "Content-Security-Policy": `require-trusted-types-for 'script'; trusted-types ${names}`,
  });

  test("under Trusted Types every backend starts its workers by the policy hone", async () => {
    await inPage({ headers: trusting("hone") }, async ({ open }) => {
      for (const [name, options] of [
        ["cpu", {}],
        ["wasm", { threads: 2, shareFrom: 0 }],
        ["inline", {}],
        ["webgpu", {}],
        ["wasm", { threads: 2, shareFrom: 0, workerUrl: "/wasm.js" }],
      ]) {
        const found = await open(name, options);
        expect(found.message, name).toBeUndefined();
        expect(found.states[0].every(Number.isFinite)).toBe(true);
        if (options.threads) expect(found.threads).toBe(options.threads);
      }
      expect(await open("wasm", { workerUrl: "https://elsewhere.example/wasm.js" })).toMatchObject({
        kind: "BackendUnavailable",
        message: expect.stringContaining("the page's own origin"),
      });
    });
  });

  test("under Trusted Types a page may give the worker's address by a policy of its own", async () => {
    await inPage({ headers: trusting("mine") }, async ({ open, page }) => {
      expect(await open("cpu", { workerUrl: "/cpu.js" })).toMatchObject({
        kind: "BackendUnavailable",
        message: expect.stringContaining("allow the policy hone"),
      });
      const found = await page.evaluate(() => {
        const policy = trustedTypes.createPolicy("mine", { createScriptURL: (url) => url });
        return open("cpu", { workerUrl: policy.createScriptURL("/cpu.js") });
      });
      expect(found).toMatchObject({ numerics: "js-f32" });
    });
  });

  test("a worker's script that does not load is looked at, and said once", async () => {
    const headers = (name) => (name === "/bare.js" ? {} : isolationHeaders);
    const files = { "/bare.js": "", "/page.txt": "no script" };
    await inPage({ files, headers }, async ({ open, page }) => {
      const said = async (workerUrl) => {
        const { kind, message } = await open("wasm", { workerUrl });
        expect(kind).toBe("BackendUnavailable");
        expect(message.match(/\[hone\]/g)).toHaveLength(1);
        expect(message.match(/could not be loaded/g)).toHaveLength(1);
        expect(message).not.toContain("Content-Security-Policy");
        return message.replaceAll(new URL(page.url()).origin, "");
      };
      expect(await said("/bare.js")).toBe(
        "[hone] wasm: its worker ended before the device was open (its worker's script could not be loaded: this page has the header Cross-Origin-Embedder-Policy, and /bare.js comes without it). Serve the script with Cross-Origin-Embedder-Policy: require-corp too.",
      );
      expect(await said("/none.js")).toContain("the server answers 404 at /none.js");
    });
  });

  test("the script of another backend's worker is refused by name", async () => {
    await inPage({}, async ({ open }) => {
      expect(await open("wasm", { workerUrl: "/cpu.js" })).toEqual({
        kind: "BadArgument",
        message:
          "[hone] wasm: workerUrl is the address of the script of cpu. Give that of dist/worker.js of the package of wasm.",
      });
      expect(await open("cpu", { workerUrl: "/wasm.js" })).toMatchObject({ kind: "BadArgument" });
    });
  });
}
