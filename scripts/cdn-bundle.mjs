/**
 * One file for content delivery networks: all of Hone in it, so that its address is all a page needs beside tfjs's, which
 * stays outside so that a page has one tfjs.
 */
import { build } from "esbuild";
import { esbuildAssets, root, sourceCondition, syntaxTarget } from "./bundle-plugin.mjs";

/** @returns the text of a module that imports nothing but `@tensorflow/…` */
export async function bundleForCdn(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: [sourceCondition],
    // One file has no others beside it: kernels of WebAssembly come as text within it.
    alias: { "@hone/wasm": "@hone/wasm/inline" },
    external: ["@tensorflow/*", "node:*"],
    target: syntaxTarget,
    legalComments: "none",
    logLevel: "silent",
    plugins: [esbuildAssets()],
  });
  return outputFiles[0].text;
}
