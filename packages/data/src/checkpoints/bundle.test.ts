/** What a page's bundle takes along for checkpoints. */
import { build } from "esbuild";
import { expect, test } from "vitest";

/** Source files of a page's bundle: those it loads at once, and those it loads to write or read a checkpoint. */
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
  /** A chunk by what it was made for, and all that it imports. */
  const filesOf = (entry: string) => {
    const names = Object.keys(outputs).filter((name) => outputs[name]?.entryPoint?.endsWith(entry));
    // Grows while it is walked: what a chunk imports comes with it.
    for (const name of names) {
      for (const { path, kind } of outputs[name]?.imports ?? [])
        if (kind === "import-statement" && !names.includes(path)) names.push(path);
    }
    return names.flatMap((name) =>
      Object.entries(outputs[name]?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [file] : [],
      ),
    );
  };
  // esbuild makes chunks of late imports that nobody reaches too.
  return {
    atOnce: filesOf("<stdin>"),
    codec: [...filesOf("core/src/io/index.ts"), ...filesOf("sha2.js")],
  };
}

const none = (files: readonly string[], pattern: RegExp) =>
  expect(files.filter((file) => pattern.test(file))).toEqual([]);

test("a page that keeps checkpoints has no tfjs for it, and loads the codec when it is needed", async () => {
  const { atOnce, codec } = await bundled(
    `import { browserCheckpoints } from "../index.js"; globalThis.kept = browserCheckpoints("a");`,
  );
  expect(atOnce.join()).toContain("checkpoints/keeper.ts");
  none(atOnce, /core\/src\/io\/|noble|tensorflow/);
  expect(codec.join()).toContain("core/src/io/checkpoint-file.ts");
  expect(codec.join()).toContain("noble/hashes");
  none(codec, /tensorflow/);
});

test("a page that only opens data sets has nothing of checkpoints", async () => {
  const { atOnce } = await bundled(
    `import { mnist } from "../index.js"; globalThis.data = mnist();`,
  );
  expect(atOnce.join()).toContain("data/src/open.ts");
  none(atOnce, /checkpoint|noble/);
});
