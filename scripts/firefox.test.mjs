/** Firefox, which has another WebAssembly and other workers than Chromium: a page of the built packages trains there. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isolationHeaders } from "./browser.mjs";
import { root } from "./bundle-plugin.mjs";
import { tellOfFirefox } from "./firefox.mjs";

const app = `
  import { adam, compile } from "@hone/core";
  import { mlp } from "@hone/core/models";
  import { digits } from "@hone/data";
  import { wasm } from "@hone/wasm";
  import { train } from "./train.js";

  async function weightsAfter(options) {
    const device = await wasm(options).open();
    const { train: data } = await digits({ train: 200, test: 10 });
    const session = await compile(mlp({ seed: 7 }), { device, optimizer: adam(1e-3), seed: 7 });
    await session.fit(data, { epochs: 1, batchSize: 32 });
    const weights = await session.weights();
    const { threads, numerics } = device.info;
    await session.close();
    await device.close();
    return { threads, numerics, sums: weights.map(({ values }) => values.reduce((sum, value) => sum + value, 0)) };
  }

  async function all() {
    const words = Object.fromEntries(new URLSearchParams(location.search));
    const given = words.workerUrl ? { workerUrl: words.workerUrl + "/wasm.js" } : {};
    const trained = await train(words);
    const alone = await weightsAfter({ ...given, threads: 1 });
    const shared = await weightsAfter({ ...given, threads: 2, shareFrom: 0 });
    return { agent: navigator.userAgent, isolated: crossOriginIsolated, trained, alone, shared };
  }
  const told = await all().catch((error) => ({ error: String(error) }));
  const next = await (await fetch("/told", { method: "POST", body: JSON.stringify(told) })).text();
  if (next) location.href = next;`;

let folder = "";

if (process.env.HONE_TEST_BROWSER !== "off") {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "hone-firefox-pages-"));
    await build({
      stdin: { contents: app, resolveDir: path.join(root, "fixtures/consumers/shared") },
      outdir: folder,
      entryNames: "app",
      bundle: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      logLevel: "silent",
    });
    const page = '<!doctype html><title>hone</title><script type="module" src="/app.js"></script>';
    for (const name of ["isolated", "own-files"])
      await writeFile(path.join(folder, `${name}.html`), page);
    const workers = path.join(folder, "workers");
    await mkdir(workers);
    for (const name of ["cpu", "wasm"]) {
      const file = path.join(root, `packages/${name}/dist/worker.js`);
      await copyFile(file, path.join(workers, `${name}.js`));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const policy = (workers) => ({
    "Content-Security-Policy": `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src ${workers}; connect-src 'self'`,
  });
  const isolated = { ...isolationHeaders, ...policy("'self' blob:") };

  test("in Firefox, isolated or not, under strict policies, wasm trains the same on one thread and two", async () => {
    const told = await tellOfFirefox({
      folder,
      headers: (name) => (name === "/own-files.html" ? policy("'self'") : isolated),
      addresses: ["/isolated.html?only=wasm", "/own-files.html?only=wasm,cpu&workerUrl=/workers"],
    });
    for (const { error, agent, trained, alone, shared } of told) {
      expect(error).toBeUndefined();
      expect(agent).toMatch(/Firefox\/\d/);
      expect(trained.backend).toBe("wasm");
      expect(trained.loss).toHaveLength(3);
      expect(trained.loss[2]).toBeLessThan(trained.loss[0] * 0.8);
      expect(trained.accuracy).toBeGreaterThan(0.5);
      expect(trained.sum).toBeCloseTo(1, 5);
      expect(alone.threads).toBe(1);
      expect(alone.sums.every(Number.isFinite)).toBe(true);
      expect(shared.sums).toEqual(told[0].alone.sums);
    }
    expect(told).toMatchObject([
      { isolated: true, shared: { threads: 2 } },
      { isolated: false, shared: { threads: 1 } },
    ]);
  });
}
