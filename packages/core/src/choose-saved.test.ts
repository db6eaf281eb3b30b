/** The choosers of @hone/core/runtime: what a page of a saved model loads has nothing of tfjs. */
import { build } from "esbuild";
import { expect, test } from "vitest";
import { fastest, pickFastest } from "./runtime.js";

test("opening, choosing and predicting bundle nothing of tfjs, nor what traces models", async () => {
  const code = `import { compile, fastest, openModel, pickFastest } from "@hone/core/runtime";
    globalThis.all = [compile, fastest, openModel, pickFastest];`;
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    conditions: ["@hone/source"],
    external: ["node:*"],
    metafile: true,
    write: false,
    outdir: "unused",
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
  expect(files.join()).toContain("fastest/scout.ts");
  expect(files.filter((file) => /tensorflow|trace\/(engine|recorder|kernels)/.test(file))).toEqual(
    [],
  );
});

test("what is no saved model is refused by both", async () => {
  const backend = { name: "none", specVersion: 0, probe: () => undefined, open: () => undefined };
  for (const choose of [fastest, pickFastest]) {
    await expect(choose([backend as never], { for: {} as never })).rejects.toThrow(
      /^\[hone\] for: it is no saved model\. Give what `openModel` gave/,
    );
  }
});
