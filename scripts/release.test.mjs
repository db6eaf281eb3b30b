/** What may be published, and what stands in its way. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { root } from "./bundle-plugin.mjs";
import { groundFaults, manifestFaults, publishedPackages } from "./manifests.mjs";

test("packages come after those they depend on, and the private ones not at all", () => {
  const names = publishedPackages(root).map(({ manifest }) => manifest.name);
  expect(names[0]).toBe("@hone/core");
  expect(names).not.toContain("@hone/examples");
  for (const { manifest } of publishedPackages(root)) {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (!name.startsWith("@hone/")) continue;
      expect(names.indexOf(name)).toBeGreaterThanOrEqual(0);
      expect(names.indexOf(name)).toBeLessThan(names.indexOf(manifest.name));
    }
  }
});

test("a package that says otherwise than the others is named by field, value and what to write", async () => {
  const copy = await mkdtemp(path.join(os.tmpdir(), "hone-manifests-"));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(path.join(root, "LICENSE"), path.join(copy, "LICENSE"));
  for (const file of ["package.json", "README.md", "LICENSE"])
    await cp(path.join(root, "packages/cpu", file), path.join(copy, "packages/cpu", file));
  const manifest = JSON.parse(await readFile(path.join(copy, "packages/cpu/package.json"), "utf8"));
  const { version } = manifest;
  const faultsOf = (change) =>
    manifestFaults(copy, { folder: "cpu", manifest: { ...manifest, ...change } }, version).join(
      "\n",
    );
  expect(faultsOf({})).toBe("");
  expect(faultsOf({ license: "ISC" })).toBe(
    'packages/cpu/package.json: license is "ISC". Write "MIT".',
  );
  expect(faultsOf({ version: "9.9.9" })).toContain('version is "9.9.9". Write');
  expect(faultsOf({ repository: undefined })).toContain("repository is undefined. Write");
  expect(faultsOf({ dependencies: { "@hone/core": "^0.0.1" } })).toContain(
    `it depends on @hone/core ^0.0.1. Write ${version}.`,
  );
  expect(faultsOf({ keywords: [] })).toContain("fewer than 3 keywords");
  await writeFile(path.join(copy, "packages/cpu/LICENSE"), "mine");
  await rm(path.join(copy, "packages/cpu/README.md"));
  expect(faultsOf({})).toMatch(/has no README\.md of its own.*LICENSE: it is not the LICENSE/s);
});

test("a release is refused with changes that are not committed, or a version that nothing is said of", () => {
  const ground = {
    status: "",
    version: "1.2.0",
    changes: "# Changes\n\n## 1.2.0\n",
    manifests: [],
  };
  expect(groundFaults(ground)).toEqual([]);
  expect(groundFaults({ ...ground, status: " M a.ts\n" })[0]).toMatch(/has changes:\n M a\.ts\n/);
  expect(groundFaults({ ...ground, version: "1.2.1" })[0]).toContain("says nothing of 1.2.1");
  expect(groundFaults({ ...ground, manifests: ["x: y"] })).toEqual(["x: y"]);
});

test("an option that the release does not have ends it before anything is made", async () => {
  const script = path.join(root, "scripts/release.mjs");
  const refused = promisify(execFile)(process.execPath, [script, "--dryrun"]);
  await expect(refused).rejects.toMatchObject({
    stderr: "[hone] release: there is no option --dryrun. Give --dry-run or nothing.\n",
  });
});
