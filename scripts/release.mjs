/**
 * `npm run release -- --dry-run`: packs what npm would publish, each package after those it depends on, holds it to
 * publint and attw, and prints sizes and files. Without `--dry-run` the same tarballs are published, only when all of
 * them are clean, the working tree is, and the version is not there yet.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./bundle-plugin.mjs";
import { checkManifests, groundFaults } from "./manifests.mjs";
import { lintTarball, packInto } from "./pack.mjs";

const run = promisify(execFile);
const options = process.argv.slice(2);
const dryRun = options.includes("--dry-run");

function refuse(what) {
  throw new Error(`[hone] release: ${what}`);
}

/** @returns the version, where nothing stands in the way */
async function checkGround() {
  const unknown = options.filter((option) => option !== "--dry-run");
  if (unknown.length > 0)
    refuse(`there is no option ${unknown.join(", ")}. Give --dry-run or nothing.`);
  const { stdout: status } = await run("git", ["status", "--porcelain"], { cwd: root });
  const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const changes = await readFile(path.join(root, "packages/CHANGELOG.md"), "utf8");
  const faults = groundFaults({ status, version, changes, manifests: checkManifests(root) });
  if (faults.length > 0) refuse(faults.join("\n"));
  return version;
}

/** True where npm has this version of a package. */
async function isPublished(name, version) {
  return run("npm", ["view", `${name}@${version}`, "version"], { cwd: root }).then(
    ({ stdout }) => stdout.trim() === version,
    () => false,
  );
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

function describe({ manifest }, { size, unpackedSize, files }) {
  console.log(
    `\n${manifest.name} ${manifest.version}: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked, ${files.length} files`,
  );
  for (const file of files) console.log(`  ${kilobytes(file.size).padStart(10)}  ${file.path}`);
}

async function main() {
  const version = await checkGround();
  await run(process.execPath, [path.join(root, "scripts/build.mjs")], { cwd: root });
  const folder = await mkdtemp(path.join(os.tmpdir(), "hone-release-"));
  try {
    const packed = await packInto(folder);
    const faults = [];
    for (const one of packed) {
      describe(one, one.report);
      faults.push(...(await lintTarball(one)));
    }
    if (faults.length > 0) refuse(`not fit to be published:\n${faults.join("\n")}`);
    if (dryRun) {
      console.log(
        `\n[hone] release: ${packed.length} packages of ${version} are clean; nothing was published`,
      );
      return;
    }
    for (const { manifest } of packed) {
      if (await isPublished(manifest.name, version))
        refuse(`${manifest.name} ${version} is there already. Raise the version of all packages.`);
    }
    // npm can say who built it only where a build service vouches for it.
    const vouched = process.env.ACTIONS_ID_TOKEN_REQUEST_URL ?? process.env.SIGSTORE_ID_TOKEN;
    const words = ["--access", "public", ...(vouched ? ["--provenance"] : [])];
    for (const { manifest, tarball } of packed) {
      console.log(`[hone] release: publishing ${manifest.name} ${version}`);
      await run("npm", ["publish", tarball, ...words], { cwd: root });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
