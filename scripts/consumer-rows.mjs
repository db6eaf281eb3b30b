/**
 * The projects of fixtures/consumers as a table: what each gets from npm beside Hone and tfjs, how it is built, and
 * where it then runs. `quick` ones are in every run of the tests, the others in the soak.
 *
 * Pages of other policies have tests of their own: pages.test.mjs (Trusted Types, headers, files that are not there),
 * cdn.test.mjs of hone (the one file from another origin, and where pages forbid things), guides.test.mjs.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { root } from "./bundle-plugin.mjs";

const node = process.execPath;
const own = (file) => path.join(root, "node_modules", file);
const vite = [node, own("vite/bin/vite.js")];

/** Programs: `command` prints the result. */
export const programs = {
  "this Node": { command: [node, "main.mjs"] },
  "Node 22": { packages: ["node@22.23.3"], command: ["node_modules/node/bin/node", "main.mjs"] },
  "Node 24": { packages: ["node@24.9.0"], command: ["node_modules/node/bin/node", "main.mjs"] },
  "Node 26": { packages: ["node@26.9.0"], command: ["node_modules/node/bin/node", "main.mjs"] },
  Bun: { packages: ["bun@1.4.5"], command: ["node_modules/.bin/bun", "main.mjs"] },
  Deno: {
    packages: ["deno@2.9.6"],
    command: ["node_modules/.bin/deno", "run", "--allow-all", "main.mjs"],
  },
};

/** Pages: `build` makes `site`; or `server` is started with a port. */
export const pages = {
  esbuild: {
    quick: true,
    build: [
      own("esbuild/bin/esbuild"),
      ...["page.js", "--bundle", "--format=esm", "--splitting", "--minify", "--outdir=site"],
    ],
    site: "site",
    copies: ["index.html"],
  },
  Vite: { quick: true, build: [...vite, "build", "--logLevel=warn"], site: "dist" },
  "Vite's server": {
    folder: "vite",
    server: (port) => [...vite, "--port", port, "--strictPort", "--host", "127.0.0.1"],
  },
  "an import map": { folder: "page", prepare: writeImportMap, site: "." },
  "one file": { folder: "cdn", prepare: writeMapOfOneFile, site: "." },
  webpack: {
    packages: ["webpack@5.113.0"],
    build: [node, "build.mjs"],
    site: "dist",
    copies: ["index.html"],
  },
  React: {
    packages: ["react@19.3.1", "react-dom@19.3.1"],
    build: [...vite, "build", "--logLevel=warn"],
    site: "dist",
  },
  "a worker of its own": {
    folder: "worker",
    build: [...vite, "build", "--logLevel=warn"],
    site: "dist",
  },
  Next: {
    packages: ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"],
    build: [node, "node_modules/next/dist/bin/next", "build"],
    server: (port) => [node, "node_modules/next/dist/bin/next", "start", "-p", port],
    program: "/api/train",
  },
};

/** What tfjs offers pages without a bundler; its packages name no such file. */
const flat = {
  "@tensorflow/tfjs-core": "dist/tf-core.fesm.js",
  "@tensorflow/tfjs-layers": "dist/tf-layers.fesm.js",
};

/** The import map that a generator would make of the packages' `exports`. */
async function writeImportMap(folder) {
  const imports = { "@noble/hashes/sha2.js": "/node_modules/@noble/hashes/sha2.js" };
  for (const [name, file] of Object.entries(flat)) imports[name] = `/node_modules/${name}/${file}`;
  for (const name of ["core", "cpu", "wasm", "webgpu", "data"]) {
    const place = `node_modules/@hone/${name}`;
    const { exports } = JSON.parse(
      await readFile(path.join(folder, place, "package.json"), "utf8"),
    );
    for (const [entry, target] of Object.entries(exports)) {
      if (typeof target === "string") continue;
      imports[`@hone/${name}${entry.slice(1)}`] = `/${place}/${target.default.slice(2)}`;
    }
  }
  await writeMap(folder, imports);
}

/** What a page of a content delivery network needs: one address of Hone, and tfjs's. */
async function writeMapOfOneFile(folder) {
  const imports = { "@hone/hone": "/node_modules/@hone/hone/dist/hone.cdn.js" };
  for (const [name, file] of Object.entries(flat)) imports[name] = `/node_modules/${name}/${file}`;
  await writeMap(folder, imports);
}

async function writeMap(folder, imports) {
  const page = path.join(folder, "index.html");
  const html = await readFile(page, "utf8");
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  await writeFile(page, html.replace('<script type="importmap"></script>', map));
}
