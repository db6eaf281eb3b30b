/**
 * `npm test`: all tests, in Node and in headless Chromium on its software WebGPU adapter, and a page in Firefox. Finds
 * the browsers, or installs Debian's where it may, or says what to do. `npm run soak` is the long form.
 *
 * `npm test -- packages/cpu` runs the tests of one folder; other options go to vitest as they are.
 * HONE_TEST_BROWSER=off leaves the browsers out. The last line reads `N passed, N failed`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findChromium, noChromium } from "./browser.mjs";
import { bundleCommand } from "./built-command.mjs";
import { isBuilt } from "./built-stamp.mjs";
import { root } from "./bundle-plugin.mjs";
import { findFirefox, noFirefox } from "./firefox.mjs";
import { siteFolder } from "./site.mjs";

const options = process.argv.slice(2);
const soak = options.includes("--soak");
const browserWanted = process.env.HONE_TEST_BROWSER !== "off";

/** True where this process may install Debian packages. */
function canInstall() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
}

function install(packages) {
  console.log(`[hone] test: installing Debian's ${packages.join(", ")} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...words) => spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", 2] });
  run("update", "-q");
  run("install", "-q", "-y", "--no-install-recommends", ...packages);
}

/** Sees to the browsers; returns false after saying what to do where one is not there. */
function prepareBrowsers() {
  const lacking = [
    ...(findChromium() === undefined ? ["chromium"] : []),
    ...(findFirefox() === undefined ? ["firefox-esr"] : []),
    // A screen for the tab that is hidden in the long form.
    ...(soak && spawnSync("Xvfb", ["-help"]).error ? ["xvfb"] : []),
  ];
  if (browserWanted && lacking.length > 0 && canInstall()) install(lacking);
  const found = findChromium();
  const firefox = findFirefox();
  if (!browserWanted) {
    console.log("[hone] test: HONE_TEST_BROWSER=off: the browser tests are left out on purpose");
  } else if (found === undefined || firefox === undefined) {
    if (found === undefined) console.error(noChromium("test"));
    if (firefox === undefined) console.error(noFirefox("test"));
    return false;
  } else {
    console.log(`[hone] test: browser tests run in ${found.executable}, and one in ${firefox}`);
  }
  if (process.platform === "linux" && found?.icd === undefined && !process.env.VK_ICD_FILENAMES) {
    console.log(
      "[hone] test: no software Vulkan driver beside a browser; WebGPU in Node needs this machine's own GPU",
    );
  }
  return true;
}

async function runVitest(scratch) {
  const report = path.join(scratch, "counts.json");
  const command = await bundleCommand();
  const env = { ...process.env, HONE_TEST_COUNTS: report, HONE_TEST_COMMAND: command };
  if (browserWanted) {
    env.HONE_TEST_SITE = siteFolder;
  }
  if (soak) env.HONE_SOAK = "1";
  env.XDG_RUNTIME_DIR ??= scratch;
  const words = [
    path.join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    path.join(root, "scripts/vitest.config.mjs"),
    "--reporter=default",
    `--reporter=${path.join(root, "scripts/count-reporter.mjs")}`,
    ...options.filter((word) => word !== "--soak"),
  ];
  const child = spawn(process.execPath, words, { cwd: root, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  rmSync(command, { recursive: true, force: true });
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  return { code, passed: counts?.passed ?? 0, failed: counts?.failed ?? 1 };
}

/** Tests run from source, but for those of the packed packages, which must not meet an old build. */
function buildPackages() {
  if (isBuilt()) return true;
  const script = path.join(root, "scripts/build.mjs");
  return spawnSync(process.execPath, [script], { stdio: "inherit" }).status === 0;
}

async function main() {
  if (!prepareBrowsers() || !buildPackages()) return 1;
  const scratch = mkdtempSync(path.join(os.tmpdir(), "hone-test-"));
  try {
    const { code, passed, failed } = await runVitest(scratch);
    console.log(`${passed} passed, ${failed} failed`);
    return code;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
