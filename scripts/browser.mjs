/**
 * Chromium for tests and measurements: finds it, finds the software Vulkan driver it ships (which
 * gives WebGPU in Node as well), launches it headless, and serves a page to it.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { root } from "./bundle-plugin.mjs";

/** What every headless run is started with: WebGPU on the software adapter, and no chatter. */
export const chromiumFlags = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Headers that make a page cross-origin isolated, and so give it SharedArrayBuffer. */
export const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** How Chromium names its software Vulkan driver's description. */
const icdName = "vk_swiftshader_icd.json";

function playwrightCandidates() {
  const caches = {
    linux: path.join(os.homedir(), ".cache/ms-playwright"),
    darwin: path.join(os.homedir(), "Library/Caches/ms-playwright"),
    win32: path.join(process.env.LOCALAPPDATA ?? os.homedir(), "ms-playwright"),
  };
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? caches[process.platform];
  if (cache === undefined || !existsSync(cache)) return [];
  const programs = {
    linux: ["chrome-linux/chrome", "chrome-linux64/chrome"],
    darwin: ["chrome-mac/Chromium.app/Contents/MacOS/Chromium"],
    win32: ["chrome-win/chrome.exe", "chrome-win64/chrome.exe"],
  };
  return readdirSync(cache)
    .filter((folder) => /^chromium-\d+$/.test(folder))
    .sort()
    .reverse()
    .flatMap((folder) => programs[process.platform].map((file) => path.join(cache, folder, file)));
}

function usualCandidates() {
  if (process.platform === "darwin") {
    const programs = ["Google Chrome", "Chromium", "Microsoft Edge"];
    return ["/Applications", path.join(os.homedir(), "Applications")].flatMap((folder) =>
      programs.map((name) => `${folder}/${name}.app/Contents/MacOS/${name}`),
    );
  }
  if (process.platform === "win32") {
    const variables = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"];
    const folders = variables.map((name) => process.env[name]).filter((folder) => folder);
    const programs = ["Google/Chrome", "Chromium", "Microsoft/Edge"];
    return folders.flatMap((folder) =>
      programs.map((name) =>
        path.join(folder, name, "Application", name.endsWith("Edge") ? "msedge.exe" : "chrome.exe"),
      ),
    );
  }
  return [
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/snap/bin/chromium",
    "/usr/bin/microsoft-edge",
  ];
}

/** The driver's description: beside the program, or in a folder just below it (macOS, Windows). */
function findIcd(executable) {
  const folder = path.dirname(realpathSync(executable));
  const fixed = ["/usr/lib/chromium", "/opt/google/chrome"];
  for (const place of process.platform === "linux" ? [folder, ...fixed] : [folder]) {
    if (existsSync(path.join(place, icdName))) return path.join(place, icdName);
  }
  const below = process.platform === "darwin" ? path.dirname(folder) : folder;
  if (process.platform === "linux" || !existsSync(below)) return undefined;
  const depth = process.platform === "darwin" ? 6 : 1;
  return search(below, depth);
}

function search(folder, depth) {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === icdName)) return path.join(folder, icdName);
  if (depth === 0) return undefined;
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const found = search(path.join(folder, entry.name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The browser to use, and its software Vulkan driver where it ships one.
 *
 * `HONE_CHROMIUM` or `CHROME_PATH` names the program and then nothing else is tried.
 * @returns {{ executable: string, icd: string | undefined } | undefined} undefined if there is none.
 * @throws when the named program does not exist.
 */
export function findChromium() {
  for (const name of ["HONE_CHROMIUM", "CHROME_PATH"]) {
    const executable = process.env[name];
    if (!executable) continue;
    if (!existsSync(executable)) {
      throw new Error(
        `[hone] browser: ${name} is ${executable}, which does not exist. Point it at Chrome or Chromium, or unset it.`,
      );
    }
    return { executable, icd: findIcd(executable) };
  }
  const executable = [...usualCandidates(), ...playwrightCandidates()].find(existsSync);
  return executable === undefined ? undefined : { executable, icd: findIcd(executable) };
}

/**
 * Makes WebGPU in Node (Dawn) use the software driver, in this process's children: sets
 * `VK_ICD_FILENAMES`, and `LD_LIBRARY_PATH` where only the browser ships the Vulkan loader. What
 * the caller has set stays. Linux only: elsewhere Dawn does not go through Vulkan.
 */
export function useSoftwareVulkan(icd, environment = process.env) {
  if (process.platform !== "linux" || icd === undefined) return;
  environment.VK_ICD_FILENAMES ??= icd;
  const loader = path.join(path.dirname(icd), "libvulkan.so.1");
  const system = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
  ];
  const present = system.some((folder) => existsSync(path.join(folder, "libvulkan.so.1")));
  if (present || !existsSync(loader)) return;
  // A folder of its own, so that no other library of the browser shadows the system's.
  const folder = path.join(root, "node_modules/.cache/hone/vulkan");
  const link = path.join(folder, "libvulkan.so.1");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(link)) {
    rmSync(link, { force: true });
    try {
      symlinkSync(loader, link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
  const paths = (environment.LD_LIBRARY_PATH ?? "").split(":").filter((entry) => entry !== "");
  if (!paths.includes(folder)) environment.LD_LIBRARY_PATH = [folder, ...paths].join(":");
}

/**
 * Starts headless Chromium on the software WebGPU adapter.
 *
 * @returns a playwright `Browser`; `close()` ends it.
 * @throws when no Chromium is found.
 */
export async function launchChromium({ flags = [] } = {}) {
  const found = findChromium();
  if (found === undefined) throw new Error(noChromium("browser"));
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath: found.executable,
    headless: true,
    args: [...chromiumFlags, ...flags],
  });
}

/** What to tell a person whose machine has no Chromium. */
export function noChromium(where) {
  return `[hone] ${where}: found no Chrome or Chromium. Install one (Debian: apt-get install chromium), or set CHROME_PATH to its program, or leave the browser tests out on purpose with HONE_TEST_BROWSER=off.`;
}

const contentTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".css": "text/css",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** The decoded path of a request, or undefined where it is not well formed. */
function pathOf(address) {
  try {
    const { pathname } = new URL(address, "http://localhost");
    return decodeURIComponent(pathname).replace(/\/$/, "/index.html");
  } catch {
    return undefined;
  }
}

/**
 * Serves `files` (path from the root, such as "/index.html", to its text or bytes) and, where given,
 * everything in `folder`, on 127.0.0.1 with cross-origin isolation. `headers` may be a function of the path; `posted`
 * are functions by path, which get what pages POST there and give the answer.
 *
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ files = {}, folder, headers = isolationHeaders, posted = {} } = {}) {
  const base = folder === undefined ? undefined : path.resolve(folder);
  const find = async (name) => {
    if (Object.hasOwn(files, name)) return files[name];
    if (base === undefined) return undefined;
    const file = path.join(base, name);
    if (!file.startsWith(base + path.sep)) return undefined;
    return readFile(file).catch(() => undefined);
  };
  const server = createServer(async (request, response) => {
    const name = pathOf(request.url ?? "/");
    if (request.method === "POST" && Object.hasOwn(posted, name)) {
      response.end(posted[name](await text(request)));
      return;
    }
    const body = name === undefined ? undefined : await find(name);
    const type = contentTypes[path.extname(name ?? "")] ?? "application/octet-stream";
    const own = typeof headers === "function" ? headers(name) : headers;
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type, ...own });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
