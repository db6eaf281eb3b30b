/** The one vitest configuration: tests run from source, through the same plugin as the bundles. */
import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { root, sourceCondition, viteAssets } from "./bundle-plugin.mjs";

const soak = process.env.HONE_SOAK === "1";
// Vite's own conditions are spread because the option replaces them.
const conditions = [sourceCondition, ...defaultServerConditions];

export default defineConfig({
  root,
  test: {
    testTimeout: soak ? 600_000 : 60_000,
    hookTimeout: soak ? 600_000 : 60_000,
    // Dawn aborts the process when a worker thread ends with work in flight: use processes.
    pool: "forks",
    projects: [
      {
        extends: true,
        plugins: [viteAssets()],
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: "node",
          environment: "node",
          include: ["packages/*/src/**/*.test.ts", "scripts/*.test.mjs"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.browser.test.ts"],
        },
      },
    ],
  },
});
