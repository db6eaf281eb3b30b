/**
 * A tab that is not in front trains on: a Chromium with a window, under Xvfb, whose hidden tabs get their timers once a
 * second, and soon once a minute. It takes minutes, and is of the long form alone.
 *
 * The browser is asked for tabs over HTTP. Under playwright every page says that it is visible, and is treated so.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumFlags, findChromium, isolationHeaders, serve } from "./browser.mjs";
import { root } from "./bundle-plugin.mjs";

const isLong = process.env.HONE_SOAK === "1" && process.env.HONE_TEST_BROWSER !== "off";

/** Seconds in front and in the background, in turn, and how often each. */
const [TURN_SECONDS, TURNS] = [12, 4];

/** Trains without end, and tells with every record how many steps it has taken, and how often a timer has fired. */
const app = `
  import { adam, compile } from "@hone/core";
  import { cnn } from "@hone/core/models";
  import { digits } from "@hone/data";
  import { wasm } from "@hone/wasm";
  import { webgpu } from "@hone/webgpu";

  let [steps, ticks] = [0, 0];
  setInterval(() => ticks++, 20);
  const tell = (told) => fetch("/told", { method: "POST", body: JSON.stringify(told) });
  async function train(name) {
    const device = await { wasm, webgpu }[name]().open();
    const { train: data } = await digits({ train: 2000, test: 10 });
    const session = await compile(cnn({ seed: 7 }), { device, optimizer: adam(1e-3), seed: 7 });
    for await (const record of session.steps(data, { epochs: 1e6, batchSize: 32 })) {
      if (record.kind !== "progress") continue;
      steps += record.losses.length;
      tell({ ms: performance.now(), steps, ticks, state: document.visibilityState });
    }
  }
  train(location.search.slice(1)).catch((error) => tell({ error: String(error) }));`;

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));
let folder = "";

beforeAll(async () => {
  if (!isLong) return;
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-hidden-"));
  await build({
    stdin: { contents: app, resolveDir: path.join(root, "packages/cli") },
    outdir: folder,
    entryNames: "app",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
  });
  const built = path.join(root, "packages/wasm/dist");
  for (const file of (await readdir(built)).filter((name) => name.endsWith(".wasm")))
    await copyFile(path.join(built, file), path.join(folder, file));
  const page = '<!doctype html><title>hone</title><script type="module" src="/app.js"></script>';
  await writeFile(path.join(folder, "index.html"), page);
});
afterAll(() => isLong && rm(folder, { recursive: true, force: true }));

/** A screen that nobody sees, by its number. */
async function startScreen() {
  const words = ["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1280x800x24"];
  const screen = spawn("Xvfb", words, { stdio: ["ignore", "pipe", "ignore"] });
  const [number] = await once(screen.stdout, "data");
  return { name: `:${String(number).trim()}`, close: () => screen.kill() };
}

/** Chromium with a window that shows the page. */
async function startBrowser(address, display) {
  const profile = await mkdtemp(path.join(os.tmpdir(), "hone-chromium-"));
  const words = [
    ...chromiumFlags,
    // After so many seconds, and not after five minutes, a hidden tab's timers fire once a minute.
    "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1",
    `--user-data-dir=${profile}`,
    "--remote-debugging-port=0",
    address,
  ];
  const env = { ...process.env, DISPLAY: display };
  const browser = spawn(findChromium().executable, words, {
    stdio: ["ignore", "ignore", "pipe"],
    env,
  });
  const closed = once(browser, "close");
  let port;
  while (port === undefined) {
    const [said] = await Promise.race([once(browser.stderr, "data"), closed]);
    if (typeof said === "number") throw new Error(`Chromium ended with ${said}`);
    port = /127\.0\.0\.1:(\d+)\/devtools/.exec(said)?.[1];
  }
  browser.stderr.resume();
  const ask = async (words, method = "GET") =>
    (await fetch(`http://127.0.0.1:${port}/json/${words}`, { method })).text();
  return {
    ask,
    async close() {
      browser.kill();
      await closed;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Of what was told in each state: steps and ticks a second, the first second of every turn left out. */
function rates(told) {
  const sums = {};
  let turnBegan = 0;
  for (const [index, now] of told.entries()) {
    const before = told[index - 1];
    if (before?.state !== now.state) turnBegan = now.ms;
    else if (before.ms - turnBegan >= 1000) {
      sums[now.state] ??= { ms: 0, steps: 0, ticks: 0 };
      for (const name of ["ms", "steps", "ticks"])
        sums[now.state][name] += now[name] - before[name];
    }
  }
  const perSecond = ({ ms, steps, ticks }) => ({
    seconds: ms / 1000,
    steps: (steps / ms) * 1000,
    ticks: (ticks / ms) * 1000,
  });
  return Object.fromEntries(Object.entries(sums).map(([state, sum]) => [state, perSecond(sum)]));
}

test.skipIf(!isLong).each(["wasm", "webgpu"])(
  "a hidden tab trains on %s at nine tenths of the rate of a visible one, or more",
  async (backend) => {
    const told = [];
    const post = (text) => {
      told.push(JSON.parse(text));
      return "";
    };
    const server = await serve({ folder, headers: isolationHeaders, posted: { "/told": post } });
    const screen = await startScreen();
    const browser = await startBrowser(`${server.url}/?${backend}`, screen.name);
    try {
      while (told.length < 3) await seconds(0.2);
      const tabs = JSON.parse(await browser.ask("list"));
      const { id } = tabs.find(({ url }) => url.startsWith(server.url));
      const { id: other } = JSON.parse(await browser.ask("new?about:blank", "PUT"));
      for (let turn = 0; turn < TURNS; turn++) {
        await seconds(TURN_SECONDS);
        await browser.ask(`activate/${id}`);
        await seconds(TURN_SECONDS);
        await browser.ask(`activate/${other}`);
      }
    } finally {
      await browser.close();
      screen.close();
      await server.close();
    }
    expect(told.find(({ error }) => error)).toBeUndefined();
    const { visible, hidden } = rates(told);
    console.info(backend, { visible, hidden, ratio: hidden.steps / visible.steps });
    // Hidden in earnest: its timers sleep.
    expect(visible.ticks).toBeGreaterThan(10);
    expect(hidden.ticks).toBeLessThan(2);
    expect(hidden.seconds).toBeGreaterThan(TURN_SECONDS);
    expect(hidden.steps).toBeGreaterThanOrEqual(0.9 * visible.steps);
  },
);
