/** What a visitor does in the Teach view. */
import { drawnThings } from "./drawn-things.mjs";

export const THINGS = [
  ["Striped", "striped"],
  ["Dotted", "dotted"],
];

/** What even a network that has learned nothing tells apart. */
export const PLAIN_THINGS = [
  ["Striped", "striped"],
  ["Bare", "bare"],
];

/** Names two classes, and gives each so many pictures as files. */
export async function showThings(page, count, things = THINGS) {
  for (const [at, [name, kind]] of things.entries()) {
    await page.getByLabel("Name of the class").nth(at).fill(name);
    await page.getByLabel(`Files for ${name}`).setInputFiles(await drawnThings(page, kind, count));
    await page
      .locator(".count", { hasText: `${count} pictures` })
      .nth(at)
      .waitFor();
  }
}

/** Presses the button, and waits. @returns the seconds that the page tells */
export async function train(page) {
  await page.locator(".status").evaluate((status) => status.replaceChildren());
  await page.getByRole("button", { name: "Train", exact: true }).click();
  const told = page.locator(".status", { hasText: /Trained in [\d.]+ s/ });
  await told.waitFor();
  return Number(/Trained in ([\d.]+) s/.exec(await told.innerText())[1]);
}
