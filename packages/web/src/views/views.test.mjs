/** The views Teach, Race and Sequence as a visitor meets them: in a real Chromium, on WebAssembly and on a software GPU. */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawnThings } from "./test/drawn-things.mjs";
import { givenFront } from "./test/given-front.mjs";
import { openDemo } from "./test/open-demo.mjs";
import { PLAIN_THINGS, showThings, THINGS, train } from "./test/teach-steps.mjs";

if (process.env.HONE_TEST_BROWSER !== "off") {
  let demo;
  beforeAll(async () => {
    demo = await openDemo();
  }, 300_000);
  afterAll(() => demo?.close());

  const isLong = process.env.HONE_SOAK === "1";
  /** Opens a view on a backend, which is chosen where nothing computes yet: a software GPU that is only tried takes long. */
  const onBackend = async (name, view, options) => {
    const page = await demo.page("#race", options);
    await page.getByRole("heading", { level: 1, name: "Race" }).waitFor();
    await page.getByLabel("Backend").selectOption(name);
    await page.evaluate((address) => location.assign(address), view);
    return page;
  };
  const leave = async (page) => {
    expect(page.faults).toEqual([]);
    expect(await page.locator(".notice").allInnerTexts()).toEqual([]);
    await page.context().close();
  };

  /** The share of so many new pictures of each class that an exported page tells right. */
  const toldRight = async (page, file, { count, things: all }) => {
    const exported = await page.context().newPage();
    await exported.goto(pathToFileURL(file).href);
    await exported.locator("body[data-ready]").waitFor();
    let right = 0;
    for (const [name, kind] of all) {
      const things = await drawnThings(page, kind, count);
      const told = await exported.evaluate(
        async (texts) => {
          const names = [];
          for (const text of texts) {
            const picture = await fetch(`data:image/png;base64,${text}`);
            const [first] = await classify(await picture.blob());
            names.push(first.name);
          }
          return names;
        },
        things.map(({ buffer }) => buffer.toString("base64")),
      );
      right += told.filter((one) => one === name).length;
    }
    return right / (all.length * count);
  };

  test("Teach tells two classes apart after twenty pictures of each, and the page it exports does", async () => {
    const page = await onBackend("wasm", "#teach");
    await showThings(page, 20);
    await train(page);
    await page.getByText("Under the hood").click();
    await expect.poll(() => page.locator(".teach .small-figures").innerText()).toContain("WASM");
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "A page that uses it" }).click(),
    ]);
    const file = path.join(demo.own, "taught.html");
    await saved.saveAs(file);
    expect(await toldRight(page, file, { count: 20, things: THINGS })).toBeGreaterThanOrEqual(0.95);
    await leave(page);
  });

  test("Teach stands on a MobileNet that the visitor gives, and a broken file loses nothing", async () => {
    const page = await onBackend("wasm", "#teach");
    await showThings(page, 8, PLAIN_THINGS);
    await page.getByText("Another front").click();
    const files = page.getByLabel("model.json and its weight files");
    const fault = page.locator(".front .fault");
    const [json, weights] = await givenFront();
    for (const [given, said] of [
      [[{ ...json, buffer: Buffer.from("no model") }], "JSON"],
      [[json], "it is missing. Choose model.json and all its weight files"],
      [[weights], "No model.json is among these files"],
      [await givenFront("mlp"), "This model takes no pictures"],
    ]) {
      await files.setInputFiles(given);
      await expect.poll(() => fault.innerText()).toContain(said);
    }
    const counts = () => page.locator(".count").allInnerTexts();
    expect(await counts()).toEqual(["8 pictures", "8 pictures"]);
    await files.setInputFiles([json, weights]);
    const about = page.locator(".front [role=status]");
    await expect
      .poll(() => about.innerText(), { timeout: 60_000 })
      .toContain("64×64, 256 features");
    expect(await fault.innerText()).toBe("");
    await train(page);
    expect(await counts()).toEqual(["8 pictures", "8 pictures"]);
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "A page that uses it" }).click(),
    ]);
    const file = path.join(demo.own, "given.html");
    await saved.saveAs(file);
    const right = await toldRight(page, file, { count: 10, things: PLAIN_THINGS });
    expect(right).toBeGreaterThanOrEqual(0.9);
    await page.getByRole("button", { name: "Back to Hone's own" }).click();
    await about.getByText("A network of yours").waitFor();
    await leave(page);
  });

  // Each takes the better part of half a minute of a busy machine.
  if (isLong) {
    test("Sequence learns to add, and adds the visitor's own sum", async () => {
      const page = await onBackend("wasm", "#sequence?pace=0.01");
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByText("It adds all 300 unseen sums right.").waitFor();
      await page.getByLabel("Your own sum").fill("98765+43");
      await expect.poll(() => page.locator(".asked output").innerText()).toContain("98808, right");
      await page.getByLabel("Your own sum").fill("98765");
      await page.getByText("Write two whole numbers and a plus").waitFor();
      await leave(page);
    });

    test("Race checks and times Hone and tfjs, and its link shows the result to another visitor", async () => {
      const page = await demo.page("#race");
      for (const name of [
        "Train the CNN",
        "Predict with the CNN",
        "Hone, WebGPU",
        "tfjs, WebGPU",
      ]) {
        await page.getByLabel(name, { exact: true }).uncheck();
      }
      if (!isLong) await page.getByLabel("Hone, JavaScript", { exact: true }).uncheck();
      await page.getByLabel("Predict with the MLP").check();
      await page.getByRole("button", { name: "Race", exact: true }).click();
      await page.getByText("Done: every time stands behind right answers.").waitFor();
      const ranks = await page.locator(".ranks li").allInnerTexts();
      expect(ranks).toHaveLength(isLong ? 4 : 3);
      for (const rank of ranks) expect(rank).toMatch(/\d/);
      expect(await page.locator(".ranks .ratio").allInnerTexts()).toContain("the fastest of tfjs");
      const other = await demo.page(`#${page.url().split("#")[1]}`);
      await other.locator(".ranks li").first().waitFor();
      const speeds = (one) => one.locator(".ranks .who").allInnerTexts();
      expect(await speeds(other)).toEqual(await speeds(page));
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save as JSON" }).click(),
      ]);
      expect(saved.suggestedFilename()).toBe("race.json");
      await leave(other);
      await leave(page);
    });

    test("Teach records from a camera by the keyboard, answers live, and ends the camera when it is left", async () => {
      const page = await onBackend("wasm", "#teach", { isolated: false, blocked: true });
      await page.evaluate(() => {
        const { mediaDevices } = navigator;
        const open = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async (wanted) => {
          globalThis.camera = await open(wanted);
          return globalThis.camera;
        };
      });
      await page.getByRole("button", { name: "Camera", exact: true }).click();
      await page.getByLabel("What the camera sees").waitFor();
      for (const name of ["Class 1", "Class 2"]) {
        await page.getByRole("button", { name: `Hold to record for ${name}` }).focus();
        await page.keyboard.down(" ");
        const card = page.locator(".class-card", { has: page.getByLabel(`Files for ${name}`) });
        await expect
          .poll(async () => Number.parseInt(await card.locator(".count").innerText(), 10), {
            timeout: 60_000,
          })
          .toBeGreaterThanOrEqual(3);
        await page.keyboard.up(" ");
      }
      await train(page);
      await expect.poll(() => page.locator(".shares li").count(), { timeout: 60_000 }).toBe(2);
      const states = () =>
        page.evaluate(() => camera.getTracks().map(({ readyState }) => readyState));
      expect(await states()).toEqual(["live"]);
      await page.getByRole("link", { name: "Race", exact: true }).click();
      await expect.poll(states).toEqual(["ended"]);
      await leave(page);
    });

    test("Teach learns from drawings, and tells what is drawn", async () => {
      const page = await onBackend("wasm", "#teach");
      const sheet = page.getByLabel("A sheet to draw on");
      const stroke = async (isUpright, at) => {
        const { x, y, width } = await sheet.boundingBox();
        const [along, across] = [0.2 * width, (0.3 + 0.1 * at) * width];
        const point = (way) => (isUpright ? [x + across, y + way] : [x + way, y + across]);
        await page.mouse.move(...point(along));
        await page.mouse.down();
        await page.mouse.move(...point(0.8 * width), { steps: 4 });
        await page.mouse.up();
      };
      for (const [name, isUpright] of [
        ["Class 1", true],
        ["Class 2", false],
      ]) {
        for (let at = 0; at < 4; at++) {
          await stroke(isUpright, at);
          await page.getByRole("button", { name: `Add the drawing for ${name}` }).click();
          const card = page.locator(".class-card", { has: page.getByLabel(`Files for ${name}`) });
          await card
            .getByText(at === 0 ? "1 picture" : `${at + 1} pictures`, { exact: true })
            .waitFor();
        }
      }
      await train(page);
      await stroke(true, 2);
      const first = page.locator(".shares li", { has: page.locator(".fill.first") });
      await expect.poll(() => first.innerText(), { timeout: 60_000 }).toContain("Class 1");
      await leave(page);
    });

    test("Sequence pauses, goes on, and forgets, without storage and threads", async () => {
      const page = await onBackend(isLong ? "webgpu" : "wasm", "#sequence", {
        isolated: false,
        blocked: true,
      });
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.locator(".sums .written").first().waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByRole("button", { name: "Pause" }).waitFor();
      await page.getByRole("button", { name: "Forget all" }).click();
      await page.getByRole("button", { name: "Start", exact: true }).waitFor();
      await expect.poll(() => page.locator(".sums .written").count()).toBe(0);
      await leave(page);
    });

    test("Race stops when it is told to, and a link that is no result shows none", async () => {
      const page = await demo.page("#race?result=nonsense");
      await page.getByRole("button", { name: "Race", exact: true }).click();
      await page.getByText(/Train the CNN: .* …/).waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("Stopped.").waitFor();
      expect(await page.locator(".heat").count()).toBe(0);
      await leave(page);
    });
  }

  for (const theme of isLong ? ["light", "dark"] : ["dark"]) {
    test(`the views fit a phone, and axe finds nothing serious, in ${theme} colours`, async () => {
      const page = await demo.page("#teach", {
        colorScheme: theme,
        viewport: { width: 360, height: 740 },
      });
      const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
      await page.addScriptTag({ path: axe });
      for (const name of ["Teach", "Race", "Sequence"]) {
        await page.getByRole("link", { name, exact: true }).click();
        await page.getByRole("heading", { level: 1, name }).waitFor();
        const { violations } = await page.evaluate(() => axe.run());
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(serious.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([]);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, name).toBeLessThanOrEqual(360);
      }
      await leave(page);
    });
  }
}
