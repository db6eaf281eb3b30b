/**
 * What every package.json says alike, in one place; `npm run check` holds the packages to it, and what npm would
 * publish is made of it (release.mjs).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Where the project lives; the only place that says so besides the packages, which are held to it. */
export const home = {
  repository: "https://github.com/hone-ml/hone",
  author: "The Hone authors",
  license: "MIT",
};

/** The fields that packages share; `folder` is the package's own under packages/. */
export function sharedFields(folder) {
  return {
    license: home.license,
    author: home.author,
    homepage: `${home.repository}/tree/main/packages/${folder}#readme`,
    repository: {
      type: "git",
      url: `git+${home.repository}.git`,
      directory: `packages/${folder}`,
    },
    bugs: { url: `${home.repository}/issues` },
    type: "module",
    sideEffects: false,
  };
}

/** `{ folder, manifest }` of every package that is published, each after those it depends on. */
export function publishedPackages(root) {
  const all = new Map();
  for (const folder of readdirSync(path.join(root, "packages")).sort()) {
    const file = path.join(root, "packages", folder, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    if (manifest.private !== true) all.set(manifest.name, { folder, manifest });
  }
  const ordered = new Set();
  const visit = (one) => {
    if (ordered.has(one)) return;
    for (const name of Object.keys(one.manifest.dependencies ?? {})) {
      if (all.has(name)) visit(all.get(name));
    }
    ordered.add(one);
  };
  for (const one of all.values()) visit(one);
  return [...ordered];
}

/** What is wrong with one package's manifest and folder, a line each. */
export function manifestFaults(root, { folder, manifest }, version) {
  const where = `packages/${folder}/package.json`;
  const faults = [];
  const expect = (field, wanted) => {
    const is = JSON.stringify(manifest[field]);
    if (is !== JSON.stringify(wanted))
      faults.push(`${where}: ${field} is ${is}. Write ${JSON.stringify(wanted)}.`);
  };
  expect("name", `@hone/${folder}`);
  expect("version", version);
  for (const [field, wanted] of Object.entries(sharedFields(folder))) expect(field, wanted);
  if (!manifest.description) faults.push(`${where}: it has no description.`);
  if (!(manifest.keywords?.length >= 3)) faults.push(`${where}: it has fewer than 3 keywords.`);
  for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) {
    if (name.startsWith("@hone/") && wanted !== version)
      faults.push(`${where}: it depends on ${name} ${wanted}. Write ${version}.`);
  }
  for (const file of ["README.md", "LICENSE"]) {
    if (!existsSync(path.join(root, "packages", folder, file)))
      faults.push(`packages/${folder}: it has no ${file} of its own, which npm would pack.`);
  }
  const license = path.join(root, "packages", folder, "LICENSE");
  const text = (file) => readFileSync(file, "utf8");
  if (existsSync(license) && text(license) !== text(path.join(root, "LICENSE")))
    faults.push(`packages/${folder}/LICENSE: it is not the LICENSE at the top. Copy that.`);
  return faults;
}

/** Faults of all published packages. */
export function checkManifests(root) {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return publishedPackages(root).flatMap((one) => manifestFaults(root, one, version));
}

/**
 * What stands in the way of a release, a line each.
 * @param status what `git status --porcelain` says
 * @param changes the text of packages/CHANGELOG.md
 * @param manifests faults of the packages
 */
export function groundFaults({ status, version, changes, manifests }) {
  const faults = [...manifests];
  if (status !== "")
    faults.push(
      `the working tree has changes:\n${status}Commit them: what is published must be what is kept.`,
    );
  if (!changes.includes(`\n## ${version}\n`))
    faults.push(
      `packages/CHANGELOG.md says nothing of ${version}. Add what changed under "## ${version}".`,
    );
  return faults;
}
