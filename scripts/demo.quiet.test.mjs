/** The demo's page while it trains: it stays awake, and its memory stays what it was. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDemo } from "../packages/web/src/views/test/open-demo.mjs";

const soak = process.env.HONE_SOAK === "1";
/** Bytes that a heap may grow by without holding on to what was shown. */
const ROOM = 8e6;

if (process.env.HONE_TEST_BROWSER !== "off") {
  let demo;
  beforeAll(async () => {
    // Without it the browser measures a page's memory when it next collects garbage, minutes later.
    demo = await openDemo({ flags: ["--enable-blink-features=ForceEagerMeasureMemory"] });
  }, 300_000);
  afterAll(() => demo?.close());

  async function training(address) {
    const page = await demo.page(address, { serviceWorkers: "block" });
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.waitForFunction(() => document.querySelector("progress").value > 0);
    return page;
  }

  test("while it trains no task of the page's thread takes 50 ms", async () => {
    const page = await training("#train?epochs=8&backend=wasm");
    await page.evaluate(() => {
      globalThis.longTasks = [];
      const told = (list) => longTasks.push(...list.getEntries().map(({ duration }) => duration));
      new PerformanceObserver(told).observe({ type: "longtask" });
    });
    await page.locator(".doing", { hasText: "Trained on" }).waitFor();
    await delay(500);
    expect(await page.evaluate(() => longTasks)).toEqual([]);
    await page.context().close();
  });

  if (soak) {
    test("a training that is left alone for ten minutes keeps its memory", async () => {
      // The slowest of the demo's networks: it must not be done before.
      const page = await training("#train?model=cnn-compact&batch=16&epochs=1000&backend=wasm");
      const session = await page.context().newCDPSession(page);
      const heap = async () => {
        await session.send("HeapProfiler.collectGarbage");
        return (await session.send("Runtime.getHeapUsage")).usedSize;
      };
      /** With its workers and their memories; a browser whose processors are busy takes a minute to tell. */
      const all = () =>
        page.evaluate(async () => (await performance.measureUserAgentSpecificMemory()).bytes);
      await delay(60_000);
      const before = { heap: await heap(), all: await all() };
      let most = 0;
      for (let minute = 2; minute <= 10; minute++) {
        await delay(60_000);
        const now = await heap();
        most = Math.max(most, now);
        expect(now, `the page's heap after ${minute} minutes`).toBeLessThan(before.heap + ROOM);
      }
      const after = await all();
      expect(after, "with all workers after ten minutes").toBeLessThan(before.all + ROOM);
      const [heaps, alls] = [
        [before.heap, most],
        [before.all, after],
      ].map((pair) => pair.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`).join(" to "));
      console.log(`ten minutes of training: the page's heap ${heaps}, with its workers ${alls}`);
      expect(await page.locator(".doing").innerText()).toContain("Learns on");
      await page.context().close();
    }, 1_500_000);
  }
}
