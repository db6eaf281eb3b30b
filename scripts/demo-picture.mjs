/**
 * `node scripts/demo-picture.mjs`: makes packages/web/demo.png, the demo as the READMEs show it, from the real page after a real
 * training. Run it anew when the page looks otherwise, and look at what it made.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { openDemo } from "../packages/web/src/views/test/open-demo.mjs";
import { root } from "./bundle-plugin.mjs";

const SIZE = { width: 1200, height: 760 };
const ADDRESS = "#train?backend=wasm";

/** @returns {Promise<Buffer>} a PNG of the view Train, when it has trained */
export async function demoPicture(address = ADDRESS) {
  const demo = await openDemo();
  try {
    const page = await demo.page(address, { viewport: SIZE, colorScheme: "light" });
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.locator(".doing", { hasText: "Trained on" }).waitFor({ timeout: 600_000 });
    // Nothing that is pointed at or held by the keyboard stands out.
    await page.evaluate(() => document.activeElement?.blur());
    return await page.screenshot({ animations: "disabled" });
  } finally {
    await demo.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(root, "packages/web/demo.png");
  const bytes = await demoPicture();
  await writeFile(file, bytes);
  console.log(`[hone] picture: ${path.relative(root, file)}, ${bytes.length} bytes`);
}
