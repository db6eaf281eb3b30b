/** The one file that content delivery networks serve, in Chromium: with the example's import map, and where pages forbid things. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium, serve } from "../../../scripts/browser.mjs";
import { root } from "../../../scripts/bundle-plugin.mjs";
import { bundleForCdn } from "../../../scripts/cdn-bundle.mjs";

const network = "https://cdn.jsdelivr.net/npm/";
const tfjs = ["tfjs-core", "tfjs-layers", "tfjs-backend-cpu"];
const files = new Map();
const wait = { timeout: 30_000 };
let browser;

/** Only tfjs-core itself: the network joins its inner files to those that import them, which then meet by a global. */
const coreOutside = {
  name: "tfjs-core outside",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, ({ path: name }) => ({
      path: name,
      external: true,
    }));
  },
};

/** tfjs as one module, which finds tfjs-core by its name. */
async function moduleOf(name) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "@tensorflow/${name}";`, resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    plugins: name === "tfjs-core" ? [] : [coreOutside],
  });
  return outputFiles[0].text;
}

beforeAll(async () => {
  const code = await bundleForCdn(path.join(root, "packages/hone/src/cdn.ts"));
  files.set(`${network}@hone/hone@0.1.0/dist/hone.cdn.js`, code);
  for (const name of tfjs) {
    files.set(`${network}@tensorflow/${name}@4.22.0/+esm`, await moduleOf(name));
  }
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser?.close());

const example = () => readFile(path.join(root, "packages/examples/src/import-map.html"), "utf8");

/** The import map of the example with another script. */
async function pageWith(script) {
  const [map] = /<script type="importmap">.*?<\/script>/s.exec(await example());
  return `<!doctype html>${map}<script type="module">${script}</script>`;
}

/** Opens a page whose network is the map of files, with nothing else behind it. */
async function open(html, headers = {}) {
  const server = await serve({ files: { "/index.html": html }, headers });
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.route(`${network}**`, (route) => {
    const body = files.get(route.request().url());
    const answer = {
      status: body === undefined ? 404 : 200,
      contentType: "text/javascript",
      headers: { "access-control-allow-origin": "*" },
      body: body ?? "",
    };
    if (body === undefined) said.push(`there is no ${route.request().url()}`);
    return route.fulfill(answer);
  });
  await page.goto(`${server.url}/`);
  const close = async () => {
    await page.close();
    await server.close();
  };
  return { page, said, close };
}

test("it imports nothing but tfjs", () => {
  const code = files.get(`${network}@hone/hone@0.1.0/dist/hone.cdn.js`);
  const imports = [...code.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(imports)].filter((name) => !name.startsWith("@tensorflow/"))).toEqual([]);
  expect(imports).toContain("@tensorflow/tfjs-core");
});

test("the example with an import map trains, and tells a digit", async () => {
  const { page, said, close } = await open(await example());
  const text = (id) => page.textContent(`#${id}`);
  await expect
    .poll(async () => [await text("answer"), ...said], wait)
    .toEqual([expect.stringMatching(/^\d$/)]);
  expect(await text("device")).toMatch(
    /^wasm \(WASM .*1 thread\): the first that was ready and right/,
  );
  expect(Number(/done, ([\d.]+) %/.exec(await text("training"))[1])).toBeGreaterThan(50);
  await close();
});

const choosing = `
  import { fastest, mlp } from "@hone/hone";
  const chosen = [];
  for (let time = 0; time < 2; time++) {
    const device = await fastest({ for: mlp({ units: [16, 8] }), mode: "predict" });
    chosen.push([device.info.backend, device.hint]);
    await device.close();
  }
  globalThis.chosen = chosen;
`;

async function chosenIn(headers) {
  const { page, said, close } = await open(await pageWith(choosing), headers);
  const chosen = await expect
    .poll(() => page.evaluate("globalThis.chosen"), { ...wait, message: said.join("; ") })
    .toBeDefined()
    .then(() => page.evaluate("globalThis.chosen"));
  await close();
  return { chosen, said: said.filter((line) => line.startsWith("[hone]")) };
}

test("under a policy that forbids WebAssembly, plain JavaScript says once what would help", async () => {
  const policy = "script-src 'unsafe-inline' https://cdn.jsdelivr.net; worker-src blob:";
  const { chosen, said } = await chosenIn({ "Content-Security-Policy": policy });
  for (const [backend, hint] of chosen) {
    expect(backend).not.toBe("wasm");
    if (backend === "cpu") expect(hint).toMatch(/wasm refused: .*'wasm-unsafe-eval'/);
  }
  expect(chosen[0][0]).toBe("cpu");
  expect(said).toEqual([
    expect.stringMatching(/^\[hone\] fastest: plain JavaScript computes here/),
  ]);
});

test("a page that may keep nothing works all the same, and says so once", async () => {
  const policy = "sandbox allow-scripts";
  const { chosen, said } = await chosenIn({ "Content-Security-Policy": policy });
  expect(chosen.map(([backend]) => backend)).toEqual(["wasm", "wasm"]);
  expect(said).toEqual([
    expect.stringMatching(/^\[hone\] store: this page may not keep anything \(.*sandboxed.*\), so/),
  ]);
});
