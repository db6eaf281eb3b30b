import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { fileOf, serveSite } from "./site-server.js";

test("a site is served with the headers for threads, and nothing beside it", async () => {
  const place = await mkdtemp(path.join(os.tmpdir(), "hone-serve-"));
  const folder = path.join(place, "site");
  await mkdir(path.join(folder, "models"), { recursive: true });
  await writeFile(path.join(folder, "index.html"), "<p>hone");
  await writeFile(path.join(folder, "models/a.wasm"), new Uint8Array([0, 97]));
  await writeFile(path.join(place, "secret"), "no");
  const server = await serveSite(folder, 0);
  const address = `http://127.0.0.1:${server.port}`;
  try {
    const page = await fetch(`${address}/?x=1`);
    expect(await page.text()).toBe("<p>hone");
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const module = await fetch(`${address}/models/a.wasm`);
    expect(module.headers.get("content-type")).toBe("application/wasm");
    expect((await module.arrayBuffer()).byteLength).toBe(2);
    for (const away of ["/none", "/models", "/..%2fsecret", "/%2e%2e/secret"]) {
      expect((await fetch(address + away)).status, away).toBeGreaterThanOrEqual(400);
    }
    expect((await fetch(address, { method: "POST" })).status).toBe(405);
    expect((await fetch(address, { method: "HEAD" })).status).toBe(200);
    await expect(serveSite(folder, server.port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  } finally {
    await server.close();
    await rm(place, { recursive: true, force: true });
  }
});

test("data sets that this machine has are answered below data/, and nothing else of their folders", async () => {
  const place = await mkdtemp(path.join(os.tmpdir(), "hone-serve-"));
  const [site, empty, data] = ["site", "empty", "data"].map((name) => path.join(place, name));
  await mkdir(path.join(site as string, "data/mnist"), { recursive: true });
  await mkdir(path.join(data as string, "mnist"), { recursive: true });
  await writeFile(path.join(site as string, "data/mnist/t10k-labels-idx1-ubyte.gz"), "the site's");
  for (const name of ["mnist/t10k-labels-idx1-ubyte.gz", "mnist/t10k-images-idx3-ubyte.gz"]) {
    await writeFile(path.join(data as string, name), "the folder's");
  }
  await writeFile(path.join(data as string, "mnist/notes.txt"), "no");
  await writeFile(path.join(data as string, "private.gz"), "no");
  const server = await serveSite(site as string, 0, [empty as string, data as string]);
  const asked = async (name: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/data/${name}`);
    return answer.ok ? answer.text() : answer.status;
  };
  try {
    expect(await asked("mnist/t10k-labels-idx1-ubyte.gz")).toBe("the site's");
    expect(await asked("mnist/t10k-images-idx3-ubyte.gz")).toBe("the folder's");
    for (const away of ["mnist/notes.txt", "private.gz", "mnist/../private.gz", "mnist"]) {
      expect(await asked(away), away).toBe(404);
    }
  } finally {
    await server.close();
    await rm(place, { recursive: true, force: true });
  }
});

test("an address leads to a file within the folder or to none", () => {
  expect(fileOf("/site", "/")).toBe("/site/index.html");
  expect(fileOf("/site", "/a%20b.js")).toBe("/site/a b.js");
  for (const address of ["/..%2fpasswd", "/%00", "/%zz"]) {
    expect(fileOf("/site", address), address).toBeUndefined();
  }
});
