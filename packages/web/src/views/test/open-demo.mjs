/** The demo, built and served for a test, in a Chromium that has a camera without a lens. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isolationHeaders, launchChromium, serve } from "../../../../../scripts/browser.mjs";
import { buildSite } from "../../../../../scripts/site.mjs";

const CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** Storage as it is in a browser that blocks it. */
function blockStorage() {
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    Object.defineProperty(globalThis, name, {
      get() {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      },
    });
  }
}

/**
 * @param files beside the site's own, by path ("/data/mnist/…"), as text or bytes
 * @param flags of Chromium, beside those of every test
 * @returns `page(address, options)` opens a page of its own browser context and collects its errors in `page.faults`;
 *   `isolated: false` serves it without the headers for threads, `blocked: true` without storage
 */
export async function openDemo({ files = {}, flags = [] } = {}) {
  const built = process.env.HONE_TEST_SITE;
  const own = await mkdtemp(path.join(os.tmpdir(), "hone-views-"));
  const folder = built ?? path.join(own, "site");
  if (!built) await buildSite(folder);
  const isolated = await serve({ files, folder, headers: isolationHeaders });
  const plain = await serve({ files, folder, headers: {} });
  const browser = await launchChromium({ flags: [...CAMERA, ...flags] });
  return {
    /** Of the site's files, and for what a test keeps. */
    folder,
    own,
    async page(address, { isolated: isIsolated = true, blocked = false, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1200, height: 900 },
        ...options,
      });
      if (blocked) await context.addInitScript(blockStorage);
      const page = await context.newPage();
      page.faults = [];
      page.on("pageerror", (error) => page.faults.push(error.message));
      page.setDefaultTimeout(120_000);
      await page.goto(`${(isIsolated ? isolated : plain).url}/${address}`);
      return page;
    },
    async close() {
      await browser.close();
      await Promise.all([isolated.close(), plain.close()]);
      await rm(own, { recursive: true, force: true });
    },
  };
}
