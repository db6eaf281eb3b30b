/** How soon the Teach view has learned two classes of twenty pictures, on WebAssembly. */
import { expect, test } from "vitest";
import { openDemo } from "../packages/web/src/views/test/open-demo.mjs";
import { showThings, train } from "../packages/web/src/views/test/teach-steps.mjs";

if (process.env.HONE_TEST_BROWSER !== "off") {
  test("Teach learns two classes of twenty pictures within two seconds of the press, on wasm", async () => {
    const demo = await openDemo();
    try {
      const page = await demo.page("#race");
      await page.getByRole("heading", { level: 1, name: "Race" }).waitFor();
      await page.getByLabel("Backend").selectOption("wasm");
      await page.evaluate(() => location.assign("#teach"));
      await showThings(page, 20);
      expect(await train(page)).toBeLessThan(2);
    } finally {
      await demo.close();
    }
  });
}
