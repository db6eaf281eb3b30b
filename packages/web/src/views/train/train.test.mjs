/** Train and Draw as they are built, in a real Chromium. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { compile, openModel } from "@hone/core/runtime";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seriousFaults } from "../test/axe.mjs";
import { openDemo } from "../test/open-demo.mjs";

if (process.env.HONE_TEST_BROWSER !== "off") {
  let demo;
  beforeAll(async () => {
    demo = await openDemo();
  }, 300_000);
  afterAll(() => demo?.close());

  const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
  const doing = (page, text) => page.locator(".doing", { hasText: text }).waitFor();
  const trained = (page) => doing(page, "Trained on");
  const accuracy = async (page) =>
    Number.parseFloat(await page.locator(".figure.first strong").textContent());
  const choose = (page, backend) => page.getByLabel("Backend").selectOption(backend);
  const backgroundMs = 180_000;

  test(
    "the first load and a training on wasm take at most 250 KB",
    async () => {
      const page = await demo.page("style.css", { serviceWorkers: "block" });
      const names = new Set();
      page.on("request", (request) => names.add(new URL(request.url())));
      await page.goto(
        new URL("#train?epochs=1&backend=wasm", `${new URL(page.url()).origin}/`).href,
      );
      await press(page, "Train");
      await trained(page);
      const files = [...names].filter(({ protocol }) => protocol === "http:");
      const paths = new Set(files.map(({ pathname }) => pathname.replace(/\/$/, "/index.html")));
      const sizes = await Promise.all(
        [...paths].map(async (name) => {
          const bytes = await readFile(path.join(demo.folder, name));
          return name.endsWith(".gz") ? bytes.length : gzipSync(bytes, { level: 9 }).length;
        }),
      );
      const sum = sizes.reduce((total, bytes) => total + bytes, 0);
      expect(paths.size).toBeGreaterThan(10);
      expect(sum).toBeGreaterThan(50_000);
      expect(sum).toBeLessThanOrEqual(250_000);
      await page.context().close();
    },
    backgroundMs,
  );

  test(
    "one press trains, and the page shows what was learned",
    async () => {
      const page = await demo.page("#train?model=mlp&epochs=3");
      await press(page, "Train");
      await trained(page);
      expect(await accuracy(page)).toBeGreaterThan(85);

      await page.getByText("As a table").click();
      expect(await page.locator("table.numbers tbody tr").count()).toBe(3);
      const rows = await page.locator(".confusion tbody tr").count();
      expect(rows).toBe(10);
      const cell = page.locator('[data-cell="0,0"]');
      const count = Number(await cell.textContent());
      await cell.click();
      await page.getByRole("heading", { name: `0 taken for itself: ${count}` }).waitFor();
      expect(await page.locator(".samples canvas").count()).toBe(Math.min(24, count));
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      expect(await page.evaluate(() => document.activeElement.dataset.cell)).toBe("1,1");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: /^1 taken for itself/ }).waitFor();
      expect(await page.getByLabel(/^Weights of unit/).count()).toBe(32);
      await page.getByLabel(/How strongly each of 128 units/).waitFor();

      const code = await page.getByRole("region", { name: "Code" }).textContent();
      expect(code).toContain("mlp({ seed: 7 })");
      expect(code).toContain("{ epochs: 3, batchSize: 64 }");
      expect(page.url()).toContain("#train?model=mlp&epochs=3");
      expect(await seriousFaults(page)).toEqual([]);

      const [download] = await Promise.all([
        page.waitForEvent("download"),
        press(page, "Hone model"),
      ]);
      const model = await openModel(new Uint8Array(await readFile(await download.path())));
      const device = await cpu().open();
      const session = await compile(model, { device });
      const { test: rest } = await digits();
      const judged = await session.evaluate(rest);
      expect(100 * judged.accuracy).toBeCloseTo(await accuracy(page), 0);
      await device.close();

      const files = [];
      page.on("download", (one) => files.push(one.suggestedFilename()));
      await press(page, "tfjs model");
      await expect
        .poll(() => files.sort(), { timeout: 60_000 })
        .toEqual(["group1-shard1of1.bin", "model.json"]);
      expect(page.faults).toEqual([]);
      await page.context().close();
    },
    backgroundMs,
  );

  /** A stroke straight down. */
  async function drawOne(page) {
    const pad = page.locator(".pad");
    await pad.waitFor();
    const { x, y, width, height } = await pad.boundingBox();
    await page.mouse.move(x + width / 2, y + height * 0.15);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height * 0.85, { steps: 8 });
    await page.mouse.up();
  }

  test(
    "without storage and without isolation it trains, and says what it does without",
    async () => {
      const page = await demo.page("#train?model=mlp&epochs=1&backend=wasm", {
        isolated: false,
        blocked: true,
      });
      await press(page, "Train");
      await trained(page);
      expect(await page.locator(".doing").textContent()).toContain("1 thread");
      await page.locator(".why summary").click();
      expect(await page.locator(".why .sheet").textContent()).toContain(
        "Cross-Origin-Opener-Policy",
      );
      expect(page.faults).toEqual([]);
      await page.context().close();
    },
    backgroundMs,
  );

  // Each takes the better part of half a minute of a busy machine.
  if (process.env.HONE_SOAK === "1") {
    test(
      "a training is paused, moved to another backend, asked by Draw and stopped",
      async () => {
        const page = await demo.page("#train?epochs=200");
        await choose(page, "wasm");
        await press(page, "Train");
        await doing(page, "Learns on WASM");
        await choose(page, "cpu");
        await doing(page, "Learns on JavaScript");
        expect(page.url()).toContain("backend=cpu");
        expect(await page.locator(".moves li").first().textContent()).toContain("JavaScript");
        await choose(page, "wasm");
        await doing(page, "Learns on WASM");
        await press(page, "Pause");
        await doing(page, "Paused");
        await press(page, "Go on");
        await doing(page, "Learns on");

        await page.getByRole("link", { name: "Draw", exact: true }).click();
        await drawOne(page);
        await page.getByText(/^It still learns: epoch/).waitFor();
        await expect.poll(() => page.locator(".answer").textContent()).toMatch(/^\d$/);
        expect(await page.getByText(/ ms on WASM/).count()).toBe(1);

        await page.getByRole("link", { name: "Train", exact: true }).click();
        await press(page, "Stop");
        await doing(page, "Stopped");
        expect(page.faults).toEqual([]);
        await page.context().close();
      },
      backgroundMs,
    );

    test(
      "a drawing is learned, a picture is opened, and the keyboard draws too",
      async () => {
        const page = await demo.page("#draw");
        await press(page, "Train a network");
        await page.getByText("It has learned").waitFor();
        await drawOne(page);
        const share = async (digit) =>
          Number.parseFloat(
            await page.locator(`.answers li:nth-child(${digit + 1}) small`).textContent(),
          );
        await expect.poll(() => page.locator(".answer").textContent()).toMatch(/^\d$/);
        const before = await share(5);
        await page.getByLabel("What it is").selectOption("5");
        await press(page, "Train on this drawing");
        await page.locator("p", { hasText: /before, .* after 8 steps/ }).waitFor();
        await expect.poll(() => share(5)).toBeGreaterThan(before + 10);

        await press(page, "Clear");
        await page.getByText("Draw something.").waitFor();
        await page.locator(".pad").focus();
        await page.keyboard.press("Space");
        for (let step = 0; step < 25; step++) await page.keyboard.press("ArrowDown");
        await expect.poll(() => page.locator(".answer").textContent()).toMatch(/^\d$/);

        await press(page, "Clear");
        await page.getByText("Draw something.").waitFor();
        const icon = path.join(demo.folder, "icon.svg");
        await page.locator("#draw-file").setInputFiles(icon);
        await expect.poll(() => page.locator(".answer").textContent()).toMatch(/^\d$/);
        expect(await seriousFaults(page)).toEqual([]);
        expect(page.faults).toEqual([]);
        await page.context().close();
      },
      backgroundMs,
    );

    test(
      "a training that was kept goes on after a reload",
      async () => {
        const page = await demo.page("#train?model=mlp&epochs=40");
        await press(page, "Train");
        await doing(page, "Learns on");
        await page.locator(".figure small", { hasText: /epoch [2-9] of 40/ }).waitFor();
        await press(page, "Stop");
        await doing(page, "Stopped");
        await press(page, "Save in this browser");
        const kept = page.getByText(/^Kept .*: mlp on digits, step \d+\.$/);
        await kept.waitFor();
        await page.reload();
        await kept.waitFor();
        await press(page, "Load");
        await doing(page, "Learns on");
        await page.locator(".figure small", { hasText: /epoch ([2-9]|1\d) of 40/ }).waitFor();
        await press(page, "Stop");
        await doing(page, "Stopped");
        expect(page.faults).toEqual([]);
        await page.context().close();
      },
      backgroundMs,
    );

    test(
      "it trains on a software GPU",
      async () => {
        const page = await demo.page("#train?model=mlp&epochs=1");
        await choose(page, "webgpu");
        await press(page, "Train");
        await trained(page);
        expect(await page.locator(".doing").textContent()).toContain("swiftshader");
        expect(await accuracy(page)).toBeGreaterThan(50);
        await page.context().close();
      },
      backgroundMs,
    );

    test(
      "after one visit it opens and trains without a network",
      async () => {
        const page = await demo.page("#train?model=mlp&epochs=1");
        await page.evaluate(async () => {
          await navigator.serviceWorker.ready;
        });
        await page.context().setOffline(true);
        await page.reload();
        await press(page, "Train");
        await trained(page);
        await page.getByRole("link", { name: "Sequence", exact: true }).click();
        await page.getByRole("heading", { level: 1, name: "Sequence" }).waitFor();
        expect(page.faults).toEqual([]);
        await page.context().close();
      },
      backgroundMs,
    );
  }
}
