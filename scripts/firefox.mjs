/**
 * Firefox for tests: finds it, and shows it one page, which tells by a message to the server that it came from.
 *
 * No protocol drives it: playwright's needs a Firefox that is patched for it, and a page can speak for itself.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { serve } from "./browser.mjs";

const places = {
  linux: ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/snap/bin/firefox"],
  darwin: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
  win32: ["C:/Program Files/Mozilla Firefox/firefox.exe"],
};

/** No first page, no question, no update, nothing sent to anybody. */
const settings = {
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "http://127.0.0.1:9",
  "toolkit.telemetry.enabled": false,
};

/** The program: what `HONE_FIREFOX` names, and then nothing else, or where systems put it. @returns undefined for none */
export function findFirefox() {
  const named = process.env.HONE_FIREFOX;
  if (named && !existsSync(named)) {
    throw new Error(
      `[hone] firefox: HONE_FIREFOX is ${named}, which does not exist. Point it at Firefox, or unset it.`,
    );
  }
  return named || (places[process.platform] ?? []).find(existsSync);
}

/** What to tell a person whose machine has none. */
export function noFirefox(where) {
  return `[hone] ${where}: found no Firefox. Install one (Debian: apt-get install firefox-esr), or set HONE_FIREFOX to its program, or leave the browser tests out on purpose with HONE_TEST_BROWSER=off.`;
}

/**
 * Opens pages of `folder`, one after another, in one headless Firefox with a profile of its own. Each tells something by a
 * POST of JSON to `/told`, and goes to the address that is the answer, until that is empty.
 * @returns {Promise<object[]>} what each told
 * @throws when there is no Firefox, or it ends or `limitMs` passes before all have told something
 */
export async function tellOfFirefox({ folder, headers, addresses, limitMs = 50_000 }) {
  const program = findFirefox();
  if (program === undefined) throw new Error(noFirefox("firefox"));
  const profile = await mkdtemp(path.join(os.tmpdir(), "hone-firefox-"));
  const lines = Object.entries(settings).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(path.join(profile, "user.js"), lines.join("\n"));

  const told = [];
  let end = () => {};
  const all = new Promise((resolve) => {
    end = resolve;
  });
  const tell = (text) => {
    if (told.push(JSON.parse(text)) === addresses.length) end(told);
    return addresses[told.length] ?? "";
  };
  const server = await serve({ folder, headers, posted: { "/told": tell } });
  const words = ["--headless", "--no-remote", "--profile", profile, `${server.url}${addresses[0]}`];
  const env = { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" };
  const firefox = spawn(program, words, { stdio: "ignore", env });
  const closed = new Promise((resolve) => firefox.on("close", () => resolve("it ended")));
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs, `after ${limitMs / 1000} s`);
  });
  const tooFew = Promise.race([closed, late]).then((how) => {
    throw new Error(
      `[hone] firefox: ${told.length} of ${addresses.length} pages told something (${how}).`,
    );
  });
  try {
    return await Promise.race([all, tooFew]);
  } finally {
    clearTimeout(timer);
    firefox.kill();
    await closed;
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
