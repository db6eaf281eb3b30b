import { expect, test } from "vitest";
import { launchChromium, serve } from "./browser.mjs";

test("the server isolates its pages and serves nothing outside of what it was given", async () => {
  const server = await serve({ files: { "/index.html": "<p>hello</p>" }, folder: "scripts" });
  try {
    const page = await fetch(`${server.url}/`);
    expect(await page.text()).toBe("<p>hello</p>");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect((await fetch(`${server.url}/browser.mjs`)).status).toBe(200);
    expect((await fetch(`${server.url}/%2e%2e%2fpackage.json`)).status).toBe(404);
    expect((await fetch(`${server.url}/%`)).status).toBe(404);
  } finally {
    await server.close();
  }
});

if (process.env.HONE_TEST_BROWSER !== "off") {
  test("headless Chromium has WebGPU and shared memory on a served page", async () => {
    const server = await serve({ files: { "/index.html": "<title>hone</title>" } });
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      const seen = await page.evaluate(async () => {
        const adapter = await navigator.gpu.requestAdapter();
        return { isolated: crossOriginIsolated, adapter: adapter?.info.architecture };
      });
      expect(seen).toEqual({ isolated: true, adapter: "swiftshader" });
    } finally {
      await browser.close();
      await server.close();
    }
  });
}
