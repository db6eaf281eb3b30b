/** The code that Train offers, run as it was copied, in Node with the built packages: it ends with the page's own numbers. */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheFolder } from "../../../../../scripts/bundle-plugin.mjs";
import { openDemo } from "../test/open-demo.mjs";

const run = promisify(execFile);
const soak = process.env.HONE_SOAK === "1";
/** Same seed and same numerics: the same bits, in a page and in Node. */
const SETTINGS = [
  "model=mlp&epochs=2&rate=0.003&seed=3&backend=wasm",
  ...(soak
    ? [
        "model=mnist-fast&epochs=1&batch=128&rate=0.006&seed=3&backend=wasm",
        "model=mlp&epochs=1&backend=cpu",
        "model=cnn&epochs=1&seed=11&backend=wasm",
      ]
    : []),
];

if (process.env.HONE_TEST_BROWSER !== "off") {
  // Inside of the repository, from where Node finds the packages.
  const folder = path.join(cacheFolder, `copied-${process.pid}`);
  let demo;
  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    demo = await openDemo();
  }, 300_000);
  afterAll(async () => {
    await demo?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(SETTINGS)(
    "the copied code of %s gives the accuracy that the page shows",
    async (words) => {
      const page = await demo.page(`#train?${words}`, {
        permissions: ["clipboard-read", "clipboard-write"],
      });
      await page.getByRole("button", { name: "Train", exact: true }).click();
      await page.locator(".doing", { hasText: "Trained on" }).waitFor();
      const shown = await page.locator(".figure.first strong").textContent();
      await page.getByRole("button", { name: "Copy", exact: true }).click();
      await page.getByRole("button", { name: "Copied", exact: true }).waitFor();
      const code = await page.evaluate(() => navigator.clipboard.readText());
      await page.context().close();

      const file = path.join(folder, `${words.replace(/\W/g, "-")}.mjs`);
      await writeFile(file, code);
      const { stdout } = await run(process.execPath, [file]);
      const accuracy = Number(stdout.trim().split("\n").at(-1));
      expect(accuracy).toBeGreaterThan(0.3);
      // Of 1,000 pictures: the one decimal shown is all there is.
      expect(`${(100 * accuracy).toFixed(1)} %`).toBe(shown);
    },
    180_000,
  );
}
