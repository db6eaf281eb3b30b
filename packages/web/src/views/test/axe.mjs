/** What axe-core says of a page, in both its colours. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const source = readFile(fileURLToPath(import.meta.resolve("axe-core")), "utf8");

/** Serious violations and worse, a line each. */
export async function seriousFaults(page) {
  const found = [];
  for (const theme of ["light", "dark"]) {
    await page.evaluate((name) => {
      document.documentElement.dataset.theme = name;
    }, theme);
    await page.evaluate(await source);
    const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
    for (const { id, impact, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      found.push(...nodes.map(({ html }) => `${theme}: ${id}: ${html.slice(0, 160)}`));
    }
  }
  return found;
}
