/** The pages that people read: their links lead somewhere, and their lists are whole. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { LOSS_NAMES, optimizerKinds } from "@hone/core/internals";
import { expect, test } from "vitest";
import { FIGURE_NAMES } from "../packages/core/src/graph/metrics/names.js";
import { root } from "./bundle-plugin.mjs";

const pages = [
  "README.md",
  "benchmarks/FIGURES.md",
  "benchmarks/README.md",
  "packages/CHANGELOG.md",
  "packages/README.md",
  "packages/bench/README.md",
  "packages/cli/README.md",
  "packages/conformance/README.md",
  "packages/core/OPS.md",
  "packages/core/README.md",
  "packages/cpu/README.md",
  "packages/data/README.md",
  "packages/examples/README.md",
  "packages/hone/README.md",
  "packages/report/README.md",
  "packages/tfjs/README.md",
  "packages/wasm/README.md",
  "packages/web/README.md",
  "packages/webgpu/README.md",
];
const guides = (await readdir(path.join(root, "packages/guides"))).map(
  (file) => `packages/guides/${file}`,
);
const textOf = (page) => readFile(path.join(root, page), "utf8");

test.each([...pages, ...guides])("the links of %s lead to files that are there", async (page) => {
  const links = [...(await textOf(page)).matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link);
  const files = links.filter((link) => !/^\w+:/.test(link));
  const gone = files.filter((link) => !existsSync(path.join(root, path.dirname(page), link)));
  expect(gone).toEqual([]);
});

test("the README has at most 150 lines, and its picture is a PNG that loads at once", async () => {
  const text = await textOf("README.md");
  expect(text.split("\n").length).toBeLessThanOrEqual(151);
  const [, picture] = /!\[[^\]]+\]\(([^)]+\.png)\)/.exec(text);
  const bytes = await readFile(path.join(root, picture));
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeLessThanOrEqual(150_000);
});

test("the guide names files that are there", async () => {
  const named = [
    ...(await textOf("packages/README.md")).matchAll(
      /`((?:core|cpu|wasm|webgpu|tfjs|conformance)\/[\w./-]+)`/g,
    ),
  ];
  // `core/run` is short for packages/core/src/run.
  const places = ([, name]) =>
    [name, name.replace(/^(\w+)\//, "$1/src/")].map((one) => path.join(root, "packages", one));
  const lacking = named.filter((match) => !places(match).some((place) => existsSync(place)));
  expect(named.length).toBeGreaterThan(20);
  expect(lacking.map(([, name]) => name)).toEqual([]);
});

test("the guide of core names every loss, metric and optimizer", async () => {
  const text = await textOf("packages/core/README.md");
  const names = [...LOSS_NAMES, ...FIGURE_NAMES, ...optimizerKinds];
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
