/**
 * `npm run check`: Biome (lint and format, warnings count), tsc, the house rules that neither
 * knows: imports (import-rules.mjs), file lengths and places (check-files.mjs), manifests (manifests.mjs); and what
 * small apps weigh (size-rows.mjs).
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./bundle-plugin.mjs";
import { checkFile, checkTopLevel, listFiles } from "./check-files.mjs";
import { checkImports } from "./check-imports.mjs";
import { importCycles } from "./import-cycles.mjs";
import { checkManifests } from "./manifests.mjs";
import { sizeFaults } from "./sizes.mjs";

/** Runs a program of node_modules; resolves with what it said, or "" where it was content. */
function runTool(file, ...options) {
  return new Promise((resolve) => {
    const script = path.join(root, "node_modules", file);
    const settings = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [script, ...options], settings, (error, stdout, stderr) => {
      resolve(error === null ? "" : `${stdout}${stderr}`.trim() || error.message);
    });
  });
}

function houseRules() {
  const files = listFiles(root);
  const faults = [...checkTopLevel(files), ...checkManifests(root)];
  const sources = new Map();
  for (const file of files) {
    if (!/^(packages|benchmarks|scripts|\.ci)\//.test(file)) continue;
    const text = readFileSync(path.join(root, file), "utf8");
    faults.push(...checkFile(file, text));
    if (/^(packages\/[^/]+\/src|benchmarks)\/.*\.ts$/.test(file)) {
      faults.push(...checkImports(file, text));
      sources.set(file, text);
    }
  }
  for (const circle of importCycles(sources)) faults.push(`${circle}: imports go in a circle.`);
  return faults.join("\n");
}

const checks = {
  biome: runTool("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "--colors=off"),
  tsc: runTool("typescript/bin/tsc", "-p", "tsconfig.json"),
  "house rules": houseRules(),
  sizes: sizeFaults().catch((error) => error.message),
};
const failed = [];
for (const [name, running] of Object.entries(checks)) {
  const said = await running;
  if (said === "") continue;
  failed.push(name);
  console.error(`${said}\n`);
}
if (failed.length === 0) {
  console.log(`[hone] check: ${Object.keys(checks).join(", ")}: all good`);
} else {
  console.error(`[hone] check: ${failed.join(" and ")} found faults, listed above. Fix them.`);
  process.exitCode = 1;
}
