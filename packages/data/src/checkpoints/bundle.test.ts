/** What a page's bundle takes along for checkpoints. */
import { build } from "esbuild";
import { expect, test } from "vitest";

/** Source files of a page's bundle: those it loads at once, and those it may load later. */
async function bundled(code: string) {
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
  const { outputs } = metafile;
  const atOnce = Object.keys(outputs).filter((name) =>
    outputs[name]?.entryPoint?.includes("stdin"),
  );
  // Grows while it is walked: what a chunk imports comes with it.
  for (const name of atOnce) {
    for (const { path, kind } of outputs[name]?.imports ?? [])
      if (kind === "import-statement" && !atOnce.includes(path)) atOnce.push(path);
  }
  const filesOf = (names: readonly string[]) =>
    names.flatMap((name) =>
      Object.entries(outputs[name]?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [file] : [],
      ),
    );
  const later = Object.keys(outputs).filter((name) => !atOnce.includes(name));
  return { atOnce: filesOf(atOnce), later: filesOf(later) };
}

const none = (files: readonly string[], pattern: RegExp) =>
  expect(files.filter((file) => pattern.test(file))).toEqual([]);

test("a page that keeps checkpoints has no tfjs for it, and loads the codec when it is needed", async () => {
  const { atOnce, later } = await bundled(
    `import { browserCheckpoints } from "../index.js"; globalThis.kept = browserCheckpoints("a");`,
  );
  expect(atOnce.join()).toContain("checkpoints/keeper.ts");
  none(atOnce, /core\/src\/io\/|noble|tensorflow/);
  expect(later.join()).toContain("core/src/io/checkpoint-file.ts");
  expect(later.join()).toContain("noble/hashes");
  none(later, /tensorflow/);
});

test("a page that only opens data sets has nothing of checkpoints", async () => {
  const { atOnce } = await bundled(
    `import { mnist } from "../index.js"; globalThis.data = mnist();`,
  );
  expect(atOnce.join()).toContain("data/src/open.ts");
  none(atOnce, /checkpoint|noble/);
});
