/**
 * The guides' code: what is marked `ts` is type-checked strictly, `page` runs in Chromium, `node` in Node; a block that
 * names a file of fixtures/consumers is that file, which the soak runs.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isolationHeaders, launchChromium, serve } from "./browser.mjs";
import { esbuildAssets, root, sourceCondition } from "./bundle-plugin.mjs";

const run = promisify(execFile);
const guides = path.join(root, "packages/guides");

/** `{ guide, words, code }` of every fenced block; `words` are those behind the fence. */
const blocks = [];
for (const guide of (await readdir(guides)).filter((file) => file.endsWith(".md"))) {
  const text = await readFile(path.join(guides, guide), "utf8");
  for (const [, info = "", code = ""] of text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms))
    blocks.push({ guide, words: info.split(" "), code });
}
const chosen = (word) => blocks.filter(({ words }) => words.includes(word));
const nameOf = ({ guide }, index) => `${guide.replace(".md", "")}-${index}`;

/** Inside of the repository, so that Node finds tfjs from there. */
const cache = path.join(root, "node_modules/.cache/hone/guides");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-guides-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function bundle(name, code, platform) {
  await build({
    stdin: { contents: code, resolveDir: path.join(root, "packages/cli"), loader: "ts" },
    outfile: path.join(folder, `${name}.mjs`),
    bundle: true,
    format: "esm",
    target: "es2022",
    absWorkingDir: root,
    conditions: [sourceCondition],
    logLevel: "silent",
    plugins: [esbuildAssets()],
    ...platform,
  });
}

test("there is a guide for each that the index names, and code in it", async () => {
  const index = await readFile(path.join(guides, "README.md"), "utf8");
  const named = [...index.matchAll(/\]\((\w[\w-]*\.md)\)/g)].map(([, file]) => file);
  expect(named.length).toBeGreaterThanOrEqual(10);
  expect((await readdir(guides)).sort()).toEqual(["README.md", ...named].sort());
  for (const file of named) expect(blocks.some(({ guide }) => guide === file)).toBe(true);
});

test("the code type checks strictly", async () => {
  const place = path.join(cache, "types");
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const typed = chosen("ts");
  expect(typed.length).toBeGreaterThan(5);
  for (const [index, block] of typed.entries())
    await writeFile(path.join(place, `${nameOf(block, index)}.ts`), block.code);
  const config = path.join(place, "tsconfig.json");
  const settings = {
    extends: path.join(root, "tsconfig.json"),
    compilerOptions: { rootDir: root, moduleDetection: "force" },
    include: [path.join(place, "*.ts"), path.join(root, "scripts/**/*.d.ts")],
    exclude: [],
  };
  await writeFile(config, JSON.stringify(settings));
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", config]).catch((error) => error);
  expect(stdout).toBe("");
});

test.each(chosen("node").map((block, index) => [block.guide, block, index]))(
  "%s runs in Node",
  async (_, block, index) => {
    const name = nameOf(block, index);
    const outfile = path.join(cache, `${name}.mjs`);
    await bundle(name, block.code, { platform: "node", external: ["@tensorflow/*"], outfile });
    const { stdout } = await run(process.execPath, [outfile], { cwd: folder });
    expect(stdout).toMatch(/\S/);
  },
);

if (process.env.HONE_TEST_BROWSER !== "off") {
  /** The headers that a guide tells to send; a page that asks for none is sent without. */
  const headersIn = (guide) => {
    const { code } = blocks.find((one) => one.guide === guide && one.words.includes("http"));
    return Object.fromEntries(
      code
        .trim()
        .split("\n")
        .map((line) => line.split(/: (.*)/).slice(0, 2)),
    );
  };

  test("the headers for threads are those that all tests isolate pages by", () => {
    expect(headersIn("threads.md")).toEqual(isolationHeaders);
  });

  test.each(chosen("page").map((block, index) => [block.guide, block, index]))(
    "%s runs in a page",
    async (guide, block, index) => {
      const name = nameOf(block, index);
      await bundle(name, block.code, {});
      const asked = block.words.includes("isolated") || block.words.includes("policy");
      const server = await serve({
        folder,
        headers: asked ? headersIn(guide) : {},
        files: {
          "/index.html": `<!doctype html><title>hone</title><output></output><script type="module" src="/start.mjs"></script>`,
          "/start.mjs": `import("/${name}.mjs").then(() => { document.title = "done"; }, (error) => { document.title = String(error); });`,
        },
      });
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        await page.waitForFunction(() => document.title !== "hone", null, { timeout: 50_000 });
        expect(await page.title()).toBe("done");
        const told = await page.textContent("output");
        if (guide === "threads.md") expect(told).toMatch(/^\d+ threads?, isolated: true/);
        else expect(told).toMatch(/\w/);
        if (guide === "policies.md") expect(told).toMatch(/^WASM/);
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );
}

test("code that stands in the projects of others is shown as it is there", async () => {
  const shown = blocks.filter(({ words }) => words[1]?.startsWith("fixtures/"));
  expect(shown.length).toBeGreaterThanOrEqual(5);
  for (const { words, code } of shown) {
    const file = path.join(root, words[1]);
    expect(existsSync(file)).toBe(true);
    expect(code).toBe(await readFile(file, "utf8"));
  }
});
