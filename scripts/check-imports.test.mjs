import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./bundle-plugin.mjs";
import { checkFile, checkTopLevel, lineLimits } from "./check-files.mjs";
import { checkImports, readImports } from "./check-imports.mjs";

const faultOf = (file, text) => checkImports(file, text).join("\n");

test("every form of import is read, with its line", () => {
  const text = [
    'import type { A } from "a";',
    'import { type B } from "b";',
    'import { C, type D } from "c";',
    'export * from "d";',
    'export type { E } from "e";',
    'const f = await import("f");',
    'type G = import("g").G;',
    'const h = process.getBuiltinModule("node:fs");',
    '// import "comment";',
    "const i = 'import \"text\"';",
    'import "j";',
  ].join("\n");
  expect(
    readImports("x.ts", text).map(({ specifier, kind, line }) => [specifier, kind, line]),
  ).toEqual([
    ["a", "type", 1],
    ["b", "type", 2],
    ["c", "value", 3],
    ["d", "value", 4],
    ["e", "type", 5],
    ["f", "late", 6],
    ["g", "type", 7],
    ["node:fs", "late", 8],
    ["j", "value", 11],
  ]);
});

test("an upward import between packages is rejected by file, line, import and rule", () => {
  expect(faultOf("packages/core/src/compile.ts", '\nimport { cpu } from "@hone/cpu";')).toBe(
    'packages/core/src/compile.ts:2 imports "@hone/cpu": upward: package imports go only down, and cpu lies above core.',
  );
});

test("an upward import inside core is rejected, whatever its form", () => {
  const file = "packages/core/src/graph/ops/dense.ts";
  const rule = "upward: packages/core/src imports go only down, and run lies above graph";
  for (const text of [
    'import { Session } from "../../run/session.js";',
    'import type { Session } from "../../run/session.js";',
    'export { Session } from "../../run/session.js";',
    'type Session = import("../../run/session.js").Session;',
    'const late = import("../../run/session.js");',
  ]) {
    expect(faultOf(file, text)).toBe(`${file}:1 imports "../../run/session.js": ${rule}.`);
  }
});

test("core may read its own manifest, and no other file beside its sources", () => {
  const file = "packages/core/src/pick/choice-cache.ts";
  expect(faultOf(file, 'import { version } from "../../package.json";')).toBe("");
  expect(faultOf(file, 'import { x } from "../../OPS.js";')).toContain("has no rung");
});

test("packages on one rung are strangers, but conformance may import cpu, and tests anything beside", () => {
  const text = 'import { cpu } from "@hone/cpu";';
  expect(faultOf("packages/wasm/src/index.ts", text)).toContain("sideways");
  expect(faultOf("packages/wasm/src/index.test.ts", text)).toBe("");
  expect(faultOf("packages/conformance/src/index.ts", text)).toBe("");
  expect(faultOf("packages/cli/src/main.ts", text)).toBe("");
  expect(faultOf("packages/wasm/src/a.test.ts", 'import "@hone/cli";')).toContain("upward");
});

test("core knows cpu in its tests alone, and no other adapter even there", () => {
  const text = 'import { cpu } from "@hone/cpu";';
  expect(faultOf("packages/core/src/run/session.test.ts", text)).toBe("");
  expect(faultOf("packages/core/src/trace/test/compare.ts", text)).toBe("");
  expect(faultOf("packages/core/src/run/session.ts", text)).toContain("upward");
  expect(faultOf("packages/core/src/run/a.test.ts", 'import "@hone/wasm";')).toContain("upward");
});

test("folders of core on one rung are strangers", () => {
  const text = 'import { cnn } from "../models/cnn.js";';
  expect(faultOf("packages/core/src/io/load.ts", text)).toContain("sideways");
  expect(faultOf("packages/core/src/trace/trace.ts", text)).toContain("upward");
  expect(faultOf("packages/core/src/trace/trace.test.ts", text)).toBe("");
  expect(faultOf("packages/core/src/plan/plan.test.ts", 'import "../run/test/a.js";')).toBe("");
  expect(faultOf("packages/core/src/compile.ts", 'import "./models/cnn.js";')).toBe("");
  expect(faultOf("packages/core/src/compile.ts", 'import "./run/test/a.js";')).toContain("test:");
});

test("a package or a folder of core that has no rung is an error", () => {
  expect(faultOf("packages/core/src/magic/a.ts", 'import "../errors.js";')).toContain(
    "magic has no rung",
  );
  expect(faultOf("packages/cli/src/a.ts", 'import "@hone/magic";')).toContain("magic has no rung");
});

test("tfjs is imported by trace and models, and by compile for its types alone", () => {
  const value = 'import * as tf from "@tensorflow/tfjs-core";';
  const type = 'import type { Tensor } from "@tensorflow/tfjs-core";';
  expect(faultOf("packages/core/src/models/cnn.ts", value)).toBe("");
  expect(faultOf("packages/core/src/compile.ts", type)).toBe("");
  expect(faultOf("packages/core/src/compile.ts", value)).toContain("outside");
  expect(faultOf("packages/core/src/run/session.ts", type)).toContain("outside");
  expect(faultOf("packages/wasm/src/index.ts", value)).toContain("outside");
});

test("core is free of node modules, and packages that pages load ask for them at run time", () => {
  expect(faultOf("packages/core/src/plan/a.ts", 'import fs from "node:fs";')).toContain("outside");
  const late = 'const { join } = process.getBuiltinModule("node:path");';
  expect(faultOf("packages/core/src/run/a.ts", late)).toContain("outside");
  expect(faultOf("packages/data/src/a.ts", late)).toBe("");
  expect(faultOf("packages/data/src/a.ts", 'import "node:path";')).toContain("outside");
  expect(faultOf("packages/cli/src/a.ts", 'import "node:path";')).toBe("");
});

test("a relative import ends in .js and stays in its package", () => {
  expect(faultOf("packages/cpu/src/a.ts", 'import "./b";')).toContain("extension");
  expect(faultOf("packages/cpu/src/a.ts", 'import "../../core/src/b.js";')).toContain("package");
  expect(faultOf("packages/webgpu/src/a.ts", 'import s from "./a.wgsl";')).toBe("");
  expect(faultOf("packages/examples/src/a.ts", 'import A from "./a.svelte";')).toBe("");
  expect(faultOf("packages/wasm/src/a.ts", 'import c from "./worker.ts?worker-text";')).toBe("");
});

test("a long file, a name in capitals, a note for later and a stray top-level entry are faults", () => {
  const lines = (count) => "x\n".repeat(count);
  expect(checkFile("packages/cpu/src/a.ts", lines(400))).toEqual([]);
  expect(checkFile("packages/cpu/src/a.ts", lines(401))[0]).toContain("401 lines, limit 400");
  expect(checkFile("packages/core/src/backend.ts", lines(151))[0]).toContain("limit 150");
  expect(checkFile("packages/cpu/src/matMul.ts", "")[0]).toContain("kebab-case");
  expect(checkFile("packages/cpu/src/a.ts", `\n// TO${"DO"} later`)[0]).toContain(":2:");
  expect(checkTopLevel(["package.json", ".ci/run", "notes/a.md"])[0]).toContain("notes");
});

test("the files that have limits of their own exist", () => {
  for (const file of Object.keys(lineLimits).filter((name) => name !== "default")) {
    expect(existsSync(path.join(root, file)), file).toBe(true);
    expect(checkFile(file, readFileSync(path.join(root, file), "utf8"))).toEqual([]);
  }
});
