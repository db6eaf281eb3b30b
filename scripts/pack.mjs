/** Tarballs as npm would publish them, and what publint and attw say of them. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root } from "./bundle-plugin.mjs";
import { publishedPackages } from "./manifests.mjs";

const run = promisify(execFile);

/**
 * Packs every published package into a folder.
 * @returns {Promise<readonly { folder: string, manifest: object, tarball: string, report: object }[]>} each after those
 *   it depends on; `report` as `npm pack --json` gives it
 */
export async function packInto(destination) {
  const packages = publishedPackages(root);
  const workspaces = packages.map(({ manifest }) => `--workspace=${manifest.name}`);
  const words = ["pack", "--json", "--ignore-scripts", `--pack-destination=${destination}`];
  const { stdout } = await run("npm", [...words, ...workspaces], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const said = JSON.parse(stdout);
  const reports = new Map(Object.values(said).map((report) => [report.name, report]));
  return packages.map((one) => {
    const report = reports.get(one.manifest.name);
    return { ...one, report, tarball: path.join(destination, report.filename) };
  });
}

/** Resolutions that a package of ES modules alone does not have, and says so. */
const MODULES_ONLY = new Set(["node10", "node16-cjs"]);

/** Faults of a tarball, a line each. */
export async function lintTarball({ manifest, tarball }) {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
  });
  const wrong = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  const types =
    wrong.types === false ? ["attw: it has no types"] : wrong.problems.flatMap(typeFault);
  const lint = messages
    .filter((message) => !isWorkerScript(message))
    .map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
  return [...lint, ...types].map((fault) => `${manifest.name}: ${fault}`);
}

/** The worker's file is a classic script: `new Worker` takes its address, and nothing imports it. */
const isWorkerScript = ({ code, path: keys }) =>
  code.startsWith("FILE_INVALID") && keys.includes("./worker.js");

function typeFault({ kind, entrypoint, resolutionKind }) {
  if (MODULES_ONLY.has(resolutionKind)) return [];
  return [
    `attw: ${kind}${entrypoint === undefined ? "" : ` at ${entrypoint} for ${resolutionKind}`}`,
  ];
}
