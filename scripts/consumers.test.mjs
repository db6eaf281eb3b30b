/** Hone in the projects of others, from its tarballs, with no configuration: each trains, predicts, and says on what. */
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pages, programs } from "./consumer-rows.mjs";
import { consumerGround, pagesOf, resultIn, runIn, serverIn } from "./consumers.mjs";

const soak = process.env.HONE_SOAK === "1";
const chosenPages = Object.entries(pages).filter(([, { quick }]) => soak || quick);

/** Of Vite, about tfjs, which alone is larger than that. */
const sizeHint = /\(!\) Some chunks are larger.*chunkSizeWarningLimit\./s;

let ground;
beforeAll(async () => {
  ground = await consumerGround();
}, 300_000);
afterAll(() => ground?.remove());

function expectTrained(result, backends = /^(wasm|cpu)$/) {
  expect(result.error).toBeUndefined();
  expect(result.backend).toMatch(backends);
  expect(result.loss).toHaveLength(3);
  expect(result.loss[2]).toBeLessThan(result.loss[0] * 0.8);
  expect(result.accuracy).toBeGreaterThan(0.5);
  expect(result.sum).toBeCloseTo(1, 5);
}

// pack.test.mjs has a program of this Node in every run.
test.each(soak ? Object.entries(programs) : [])("%s trains", async (_, { packages, command }) => {
  const folder = await ground.project("program", packages);
  const { stdout, stderr } = await runIn(folder, command);
  expectTrained(resultIn(stdout));
  expect(stderr).not.toMatch(/already registered|warn/i);
});

if (process.env.HONE_TEST_BROWSER !== "off") {
  describe.each(chosenPages)("%s", (name, row) => {
    test("is built without a word, and its page trains", async () => {
      const { folder: project = name.toLowerCase(), packages, build, prepare, copies = [] } = row;
      const folder = await ground.project(project, packages);
      await prepare?.(folder);
      if (build) {
        const { stdout, stderr } = await runIn(folder, build);
        expect(`${stdout}${stderr}`.replace(sizeHint, "")).not.toMatch(/already registered|warn/i);
      }
      const server = row.server && (await serverIn(folder, row.server));
      const site = path.join(folder, row.site ?? ".");
      await mkdir(site, { recursive: true });
      for (const file of site === folder ? [] : copies)
        await cp(path.join(folder, file), path.join(site, file));
      const browser = await pagesOf({ folder: site, url: server?.url });
      try {
        expectTrained(await browser.open("/?only=wasm,cpu"));
        if (soak) expectTrained(await browser.open("/"), /^(webgpu|wasm|cpu)$/);
        if (row.program) {
          const answer = await fetch(new URL(row.program, server.url));
          expectTrained(await answer.json());
          expect(server.said()).not.toMatch(/already registered/);
        }
      } finally {
        await browser.close();
        server?.close();
      }
    });
  });
}

if (soak && process.env.HONE_TEST_BROWSER !== "off") {
  test("without threads, WebGPU, https or storage a page trains, or says what it lacks", async () => {
    const folder = await ground.project("esbuild");
    await runIn(folder, pages.esbuild.build);
    const site = path.join(folder, "site");
    await cp(path.join(folder, "index.html"), path.join(site, "index.html"));
    const flags = ["--host-resolver-rules=MAP hone.test 127.0.0.1"];
    const bare = await pagesOf({ folder: site, flags, gpu: false });
    try {
      const oneThread = await bare.open("/?only=webgpu,wasm,cpu");
      expectTrained(oneThread, /^wasm$/);
      expect(oneThread.description).toMatch(/1 thread$/);
      expect(oneThread.why).toMatch(/webgpu (unavailable|left out|dropped|.*no GPU|.*WebGPU)/);
      expectTrained(await bare.open("/?only=wasm,cpu", "hone.test"));
      const insecure = await bare.open("/?only=webgpu", "hone.test");
      expect(insecure.error).toMatch(/a page without https gets no WebGPU/);
    } finally {
      await bare.close();
    }
    // A page without an origin: it may keep nothing, and every module is fetched across origins.
    const headers = {
      "Content-Security-Policy": "sandbox allow-scripts",
      "Access-Control-Allow-Origin": "*",
    };
    const sandboxed = await pagesOf({ folder: site, headers });
    try {
      expectTrained(await sandboxed.open("/?only=wasm,cpu"));
    } finally {
      await sandboxed.close();
    }
  });
}
