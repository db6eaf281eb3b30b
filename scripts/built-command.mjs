/**
 * The `hone` command bundled from the sources as they are now, for tests that run it. `npm test` builds it once for all of
 * them and says where in HONE_TEST_COMMAND; a test that runs alone builds its own.
 */
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { cacheFolder, esbuildAssets, root, sourceCondition } from "./bundle-plugin.mjs";

/** How packages are bundled: with others from their sources. */
export const bundleSettings = {
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  conditions: [sourceCondition],
  external: ["node:*", "@tensorflow/*", "@observablehq/plot", "fast-png", "linkedom", "webgpu"],
  logLevel: "silent",
  plugins: [esbuildAssets()],
};

/** @returns the folder of its launcher, hone.mjs: a new one, which the caller removes */
export async function bundleCommand() {
  // Inside of node_modules, so that packages from outside resolve as for an installed command.
  const folder = await mkdtemp(path.join(cacheFolder, "../hone-cli-"));
  // For tests that run it as somebody else.
  await chmod(folder, 0o755);
  await build({
    ...bundleSettings,
    entryPoints: [path.join(root, "packages/cli/src/main.ts")],
    outdir: folder,
    // As in the package: what is imported late is loaded late.
    splitting: true,
  });
  await writeFile(
    path.join(folder, "hone.mjs"),
    'import { main } from "./main.mjs";\nprocess.exitCode = await main(process.argv.slice(2));\n',
  );
  return folder;
}
