/**
 * The one vitest configuration: tests run from source, through the same plugin as the bundles.
 *
 * Project `node`, and in the quick form `node-together`, always; project `browser` where a Chromium is found and HONE_TEST_BROWSER is not
 * `off` (scripts/test.mjs sees to it that one is); then `quiet`, whose `*.quiet.test.*` measure
 * time and so run one by one with nothing beside them. HONE_SOAK=1 gives each test ten minutes.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { compile as compileSvelte } from "svelte/compiler";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { chromiumFlags, findChromium, isolationHeaders, useSoftwareVulkan } from "./browser.mjs";
import { root, sourceCondition, viteAssets } from "./bundle-plugin.mjs";

const soak = process.env.HONE_SOAK === "1";
const timeoutMs = soak ? 600_000 : 60_000;
const chromium = findChromium();
const browserWanted = process.env.HONE_TEST_BROWSER !== "off";

// Set here and not in `test.env`: the dynamic linker reads them when a test process starts.
useSoftwareVulkan(chromium?.icd);
const sharedData = path.resolve(root, "../shared/data");
if (existsSync(sharedData)) process.env.HONE_DATA ??= sharedData;

const ignored = ["**/node_modules/**", "**/dist/**"];
const elsewhere = [...ignored, "**/*.browser.test.ts", "**/*.quiet.test.{ts,mjs}"];
const times = { testTimeout: timeoutMs, hookTimeout: timeoutMs };

// In both projects Vite's own conditions are spread because the option replaces them.
const serverConditions = [sourceCondition, ...defaultServerConditions];

/**
 * Folders whose tests ask nothing of what is loaded, and so share it with the file before: half a second saved for each
 * file. All others, and all in the long form, begin with nothing loaded.
 */
const together = soak
  ? []
  : [
      ...["bench", "cli", "cpu", "data", "report", "wasm"].map((name) => `packages/${name}/src`),
      ..."adapter graph hosted io models pick pictures plan run"
        .split(" ")
        .map((name) => `packages/core/src/${name}`),
    ].map((folder) => `${folder}/**/*.test.ts`);

const nodeProject = {
  root,
  plugins: [viteAssets()],
  resolve: { conditions: serverConditions },
  ssr: { resolve: { conditions: serverConditions } },
  test: {
    ...times,
    name: "node",
    environment: "node",
    // Dawn aborts the process when a worker thread ends with work in flight: use processes.
    pool: "forks",
    // Vitest leaves one processor free, which of two is half.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    include: ["packages/*/src/**/*.test.{ts,mjs}", "scripts/*.test.mjs"],
    exclude: [...elsewhere, ...together],
    sequence: { groupOrder: 0 },
  },
};

const togetherProject = {
  ...nodeProject,
  test: {
    ...nodeProject.test,
    name: "node-together",
    include: together,
    exclude: elsewhere,
    isolate: false,
  },
};

const quietProject = {
  ...nodeProject,
  test: {
    ...nodeProject.test,
    name: "quiet",
    include: ["packages/*/src/**/*.quiet.test.ts", "scripts/*.quiet.test.mjs"],
    exclude: ignored,
    fileParallelism: false,
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
};

/** Components of Svelte, for its recipe. */
const svelteComponents = {
  name: "svelte-components",
  transform(code, id) {
    return id.endsWith(".svelte") ? compileSvelte(code, { filename: id }).js : undefined;
  },
};

const browserProject = {
  root,
  plugins: [viteAssets(), svelteComponents],
  resolve: { conditions: [sourceCondition, ...defaultClientConditions] },
  server: { headers: isolationHeaders },
  // A page has no environment to ask for the long form.
  define: { __HONE_SOAK__: JSON.stringify(soak) },
  // Named here, because a dependency met only in mid-run makes vite reload the page.
  optimizeDeps: {
    include: [
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-layers",
      "@tensorflow/tfjs-backend-cpu",
      "@observablehq/plot",
      "fast-png",
      "linkedom/worker",
      "@noble/hashes/sha2.js",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      "react",
      "react-dom/client",
      "svelte",
      "svelte/internal/client",
      "svelte/internal/disclose-version",
      "svelte/store",
      "vue",
    ],
  },
  test: {
    ...times,
    name: "browser",
    include: ["packages/*/src/**/*.browser.test.ts"],
    exclude: ignored,
    // The software adapter uses every core by itself.
    fileParallelism: false,
    sequence: { groupOrder: 1 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath: chromium?.executable, args: chromiumFlags },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
};

export default defineConfig({
  root,
  test: {
    projects: [
      nodeProject,
      ...(together.length > 0 ? [togetherProject] : []),
      ...(browserWanted && chromium !== undefined ? [browserProject] : []),
      quietProject,
    ],
  },
});
