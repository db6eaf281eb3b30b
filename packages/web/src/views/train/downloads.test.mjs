/** MNIST and Fashion-MNIST in the demo: the official files, from a server of this machine, and what is said without them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { officialFiles } from "../test/official-files.mjs";
import { openDemo } from "../test/open-demo.mjs";

if (process.env.HONE_TEST_BROWSER !== "off") {
  const soak = process.env.HONE_SOAK === "1";
  let files;
  let demo;
  beforeAll(async () => {
    const sets = await Promise.all(
      ["mnist", ...(soak ? ["fashion-mnist"] : [])].map(officialFiles),
    );
    files = Object.assign({}, ...sets);
    demo = await openDemo({ files });
  }, 300_000);
  afterAll(() => demo?.close());

  /** A page that reaches this machine alone. */
  async function visit(address, options) {
    const page = await demo.page("style.css", { serviceWorkers: "block", ...options });
    page.asked = [];
    await page.context().route(
      ({ hostname }) => hostname !== "127.0.0.1",
      (route) => {
        page.asked.push(route.request().url());
        return route.abort();
      },
    );
    await page.goto(new URL(address, page.url()).href);
    return page;
  }
  const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
  const doing = (page, text) => page.locator(".doing", { hasText: text }).waitFor();
  const accuracy = async (page) =>
    Number.parseFloat(await page.locator(".figure.first strong").textContent());
  const leave = async (page) => {
    expect(page.faults).toEqual([]);
    await page.context().close();
  };

  const anImage = "/data/mnist/train-images-idx3-ubyte.gz";

  test("where MNIST cannot be had Train says so and goes on with drawn digits, and where it can it trains", async () => {
    const { [anImage]: bytes } = files;
    delete files[anImage];
    try {
      const page = await visit("./#train?data=mnist&model=mlp&epochs=1&batch=256&backend=wasm");
      await press(page, "Train");
      const notice = page.locator(".notice");
      await notice.waitFor();
      const text = await notice.textContent();
      expect(text).toContain("MNIST: it could not be downloaded");
      expect(text).toContain(`${anImage}: the server answered 404`);
      for (const address of page.asked) expect(text).toContain(address);
      expect(page.asked.length).toBeGreaterThanOrEqual(2);
      expect(text).toContain("Digits that are drawn here are chosen instead: press Train");
      expect(await page.getByLabel("Data").inputValue()).toBe("digits");
      expect(page.url()).not.toContain("data=");
      await press(page, "Train");
      await page.getByText("of 1,000 pictures it never saw").waitFor();
      await doing(page, "Trained on");

      // The files are there again: now nobody else is asked.
      files[anImage] = bytes;
      page.asked = [];
      await page.getByLabel("Data").selectOption("mnist");
      await press(page, "Train anew");
      await page.getByText("of 10,000 pictures it never saw").waitFor();
      expect(await accuracy(page)).toBeGreaterThan(90);
      expect(page.url()).toContain("data=mnist");
      expect(page.asked).toEqual([]);
      await leave(page);
    } finally {
      files[anImage] = bytes;
    }
  }, 180_000);

  if (soak) {
    test("Fashion-MNIST has its classes by name in Train and in Draw, and outlives the network", async () => {
      const page = await visit("./#train?data=fashion-mnist&model=mlp&epochs=1&backend=wasm");
      await press(page, "Train");
      await doing(page, "Trained on");
      expect(await accuracy(page)).toBeGreaterThan(78);
      await page.locator('[data-cell="9,9"]').click();
      await page.getByRole("heading", { name: /^Ankle boot taken for itself: \d+$/ }).waitFor();
      await page.getByRole("link", { name: "Draw", exact: true }).click();
      await press(page, "Example");
      const names = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt"];
      const known = [...names, "Sneaker", "Bag", "Ankle boot"];
      await expect.poll(() => page.locator(".answer").textContent()).not.toBe("–");
      expect(known).toContain(await page.locator(".answer").textContent());
      // Kept by the browser: another visit asks nobody.
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(new URL("./#train?data=fashion-mnist&model=mlp&epochs=1", page.url()).href);
      await page.reload();
      await press(page, "Train");
      await doing(page, "Trained on");
      expect(asked.filter((address) => address.includes("/data/fashion-mnist/"))).toEqual([]);
      await leave(page);
    }, 300_000);

    test("a damaged file is not trained on, and one that the index names is found elsewhere", async () => {
      const { [anImage]: bytes } = files;
      try {
        files[anImage] = Buffer.from(bytes).fill(7, 1000, 1100);
        const page = await visit("./#train?data=mnist&model=mlp&epochs=1&backend=wasm");
        await press(page, "Train");
        await page.locator(".notice", { hasText: "its SHA-256 is" }).waitFor();
        await page.locator(".notice", { hasText: "it could not be downloaded" }).waitFor();
        for (const [name, file] of Object.entries(await officialFiles("mnist"))) {
          files[name.replace("/data/", "/other/")] = file;
        }
        const own = await (await fetch(new URL("./", page.url()))).text();
        files["/named.html"] = own.replace('content="data/"', 'content="/other/"');
        expect(files["/named.html"]).not.toBe(own);
        await page.goto(new URL("named.html#train?data=mnist&model=mlp&epochs=1", page.url()).href);
        await press(page, "Train");
        await page.getByText("of 10,000 pictures it never saw").waitFor();
        await leave(page);
      } finally {
        files[anImage] = bytes;
        for (const name of Object.keys(files)) if (!name.startsWith("/data/")) delete files[name];
      }
    }, 300_000);

    test("without storage and threads MNIST trains as well, and Stop ends its download", async () => {
      const page = await visit("./#train?data=mnist&model=mlp&epochs=1&backend=wasm", {
        isolated: false,
        blocked: true,
      });
      await page.route(`**${anImage}`, () => {});
      await press(page, "Train");
      await page.locator(".doing", { hasText: "Gets model and data ready" }).waitFor();
      await press(page, "Stop");
      await doing(page, "Stopped");
      await page.unroute(`**${anImage}`);
      await press(page, "Train anew");
      await page.getByText("of 10,000 pictures it never saw").waitFor();
      await leave(page);
    }, 300_000);
  }
}
