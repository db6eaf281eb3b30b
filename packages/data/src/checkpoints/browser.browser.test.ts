import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { cdp } from "vitest/browser";
import { inSandbox } from "../test/sandbox.js";
import { browserCheckpoints } from "./browser.js";
import blockedPage from "./test/blocked-page.ts?worker-text";
import { checkpointOf } from "./test/example.js";
import { EPOCHS, type PageMessage, STEPS } from "./test/training-page.js";

let names = 0;
const freshName = () => `test-${Date.now()}-${names++}`;

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("hone-checkpoints", { recursive: true }).catch(() => undefined);
});

const originFolder = async (name: string) => {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle("hone-checkpoints")).getDirectoryHandle(name);
};

async function originFiles(name: string): Promise<FileSystemFileHandle[]> {
  const files: FileSystemFileHandle[] = [];
  for await (const [, handle] of (await originFolder(name)).entries())
    files.push(handle as FileSystemFileHandle);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function overwrite(file: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>) {
  const stream = await file.createWritable();
  await stream.write(bytes);
  await stream.close();
}

const places = {
  "the site's file system": () => undefined,
  // As on a page that is not served over https: there is no file system, and no SHA-256 either.
  IndexedDB: () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    vi.spyOn(navigator, "storage", "get").mockReturnValue(undefined as never);
  },
};

describe.each(Object.entries(places))("in %s", (place, enter) => {
  test("the last checkpoints are kept, and the newest is given back as it was saved", async () => {
    enter();
    const name = freshName();
    const store = browserCheckpoints(name, { keep: 2 });
    expect(await store.latest()).toBeUndefined();
    for (const step of [10, 20, 30, 5]) await store.save(checkpointOf(step, 50_000));
    const found = await browserCheckpoints(name).latest();
    expect(found).toMatchObject({ checkpoint: { step: 5 }, skipped: [] });
    expect(found?.checkpoint).toEqual(checkpointOf(5, 50_000));
    expect(found?.file).toMatch(/^checkpoint-000000004-step-5-[0-9a-f]{32}\.safetensors of /);
    expect(found?.file).toContain(`checkpoints "${name}" in ${place}`);
    expect(await browserCheckpoints(`${name}x`).latest()).toBeUndefined();
    await store.clear();
    expect(await store.latest()).toBeUndefined();
  });

  test("two stores of one name save at once, and nothing is lost", async () => {
    enter();
    const name = freshName();
    const stores = [browserCheckpoints(name), browserCheckpoints(name)];
    const saves = [1, 2, 3, 4].flatMap((step) => stores.map((one) => one.save(checkpointOf(step))));
    await Promise.all(saves);
    const found = await stores[0]?.latest();
    expect(found?.file).toMatch(/^checkpoint-000000008-step-4-/);
    await stores[1]?.clear();
  });
});

test("in a worker that can only write in place checkpoints are kept as well", async () => {
  const name = freshName();
  const worker = new Worker(new URL("./test/saving-worker.ts", import.meta.url), {
    type: "module",
  });
  onTestFinished(() => worker.terminate());
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
  worker.postMessage(name);
  expect(await answer).toEqual([expect.stringMatching(/-step-4-.* in the site's file system$/), 4]);
  expect(await originFiles(name)).toHaveLength(3);
  expect(await browserCheckpoints(name).latest()).toMatchObject({ checkpoint: { step: 4 } });
});

test("a damaged checkpoint is passed over for the one before it, and leftovers are removed", async () => {
  const name = freshName();
  const store = browserCheckpoints(name);
  await store.save(checkpointOf(1));
  await store.save(checkpointOf(2));
  const [older, newer] = (await originFiles(name)) as [FileSystemFileHandle, FileSystemFileHandle];
  const whole = new Uint8Array(await (await newer.getFile()).arrayBuffer());
  for (const length of [0, 7, 100, whole.length - 1]) {
    await overwrite(newer, whole.slice(0, length));
    const found = await store.latest();
    expect(found?.file).toContain(older.name);
    expect(found?.warning).toMatch(
      /^\[hone\] checkpoints ".*" in the site's file system: .* is passed over: .*cut short.* is used, after step 1\.$/,
    );
  }
  const folder = await originFolder(name);
  await folder.getFileHandle(`${newer.name}.partial`, { create: true });
  await store.save(checkpointOf(3));
  expect((await originFiles(name)).filter((file) => file.name.endsWith(".partial"))).toEqual([]);
  await overwrite(newer, whole);
  for (const file of await originFiles(name)) await overwrite(file, whole.slice(0, 50));
  await expect(store.latest()).rejects.toMatchObject({ kind: "BadModelFile" });
});

test("a name that would be another place is refused", () => {
  for (const name of ["", ".", "..", ".x", "a/b", "a\\b", "ä", "x".repeat(101), 7 as never])
    expect(() => browserCheckpoints(name)).toThrow(/^\[hone\] browserCheckpoints: the name is /);
});

/** A page that trains, in a frame; `next` gives its next message that `is` accepts. */
function trainingPage(name: string, before = "") {
  const frame = document.createElement("iframe");
  const address = new URL("./test/training-page.ts", import.meta.url).href;
  // The test server makes every import() go through the test runner, which frames have not.
  const runner = "window.__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() };";
  frame.srcdoc = `<script>${runner}${before}</script><script type="module">
    import { train } from ${JSON.stringify(address)};
    train(${JSON.stringify(name)}).catch((error) => parent.postMessage({ error: String(error) }, "*"));
  </script>`;
  const messages: (PageMessage & { readonly error?: string })[] = [];
  const waiting = new Set<() => void>();
  const listen = ({ source, data }: MessageEvent) => {
    if (source !== frame.contentWindow) return;
    messages.push(data);
    for (const look of waiting) look();
  };
  window.addEventListener("message", listen);
  document.body.append(frame);
  onTestFinished(() => {
    window.removeEventListener("message", listen);
    frame.remove();
  });
  const next = (is: (message: PageMessage) => boolean) =>
    new Promise<PageMessage>((resolve, reject) => {
      const from = messages.length;
      const look = () => {
        const failed = messages.find(({ error }) => error !== undefined);
        const found = messages.slice(from).find(is);
        if (failed) reject(new Error(failed.error));
        else if (found) resolve(found);
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
    });
  return { frame, messages, next };
}

test("a page that is reloaded in mid-training goes on from its storage to the same bits", async () => {
  const isEnd = ({ weights }: PageMessage) => weights !== undefined;
  const expected = await trainingPage(freshName()).next(isEnd);
  expect(expected.weights?.length).toBeGreaterThan(10_000);
  expect(expected.loss).toHaveLength(EPOCHS);
  const page = trainingPage(freshName());
  const steps: number[] = [];
  for (let reload = 0; reload < 2; reload++) {
    const { began = -1 } = await page.next((message) => message.began !== undefined);
    steps.push(began);
    const { saved = 0 } = await page.next((message) => (message.saved ?? 0) > began);
    expect(saved).toBeGreaterThan(began);
    page.frame.contentWindow?.location.reload();
  }
  const { began = -1 } = await page.next((message) => message.began !== undefined);
  const end = await page.next(isEnd);
  steps.push(began);
  expect(steps[0]).toBe(0);
  expect(new Set(steps).size).toBe(3);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(began).toBeLessThan(EPOCHS * STEPS);
  expect(end.warnings).toEqual([]);
  expect(end.loss).toEqual(expected.loss);
  expect(end.weights === expected.weights).toBe(true);
});

test("where storage is full, a page is told once, trains on, and keeps what it had", async () => {
  const name = freshName();
  await browserCheckpoints(name).save({ ...checkpointOf(1), seed: 1 });
  const { origin } = location;
  const session = cdp() as unknown as {
    send(method: string, words: object): Promise<unknown>;
  };
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 100_000 });
  onTestFinished(async () => {
    await session.send("Storage.overrideQuotaForOrigin", { origin });
  });
  const store = browserCheckpoints(name);
  await expect(store.save(checkpointOf(2, 1_000_000))).rejects.toMatchObject({
    kind: "BadData",
    message: expect.stringMatching(
      /it cannot be written \((QuotaExceededError|AbortError).*\)\. Make room in this site's storage\. Checkpoints saved before are still there\.$/,
    ),
  });
  expect(await store.latest()).toMatchObject({ checkpoint: { step: 1 }, skipped: [] });
  expect(await originFiles(name)).toHaveLength(1);
  const page = trainingPage(freshName());
  const end = await page.next(({ weights }) => weights !== undefined);
  expect(page.messages.filter(({ failed }) => failed !== undefined).length).toBeGreaterThan(1);
  expect(end.warnings).toEqual([
    expect.stringMatching(
      /a checkpoint could not be kept: .*Make room in this site's storage.*Training goes on\.$/,
    ),
  ]);
  expect(end.loss).toHaveLength(EPOCHS);
});

test("where a browser has no storage, a page is told once, and trains on", async () => {
  const none = `for (const [of, name] of [[Navigator.prototype, "storage"], [window, "indexedDB"]])
    Object.defineProperty(of, name, { get: () => undefined });`;
  const page = trainingPage(freshName(), none);
  const end = await page.next(({ weights }) => weights !== undefined);
  expect(end.warnings).toEqual([
    expect.stringMatching(
      /a checkpoint could not be kept: .* this browser keeps nothing for this page\. .*there is none here\..*there is none here\. Allow the site to store data/,
    ),
  ]);
  expect(page.messages.filter(({ failed }) => failed !== undefined).length).toBeGreaterThan(1);
});

test("where a page may not keep anything, asking and saving say so", async () => {
  const says = expect.stringMatching(
    /^BadData: \[hone\] checkpoints "blocked": this browser keeps nothing for this page\. .*SecurityError.*SecurityError.* Allow the site to store data, or leave private browsing\.$/,
  );
  expect(await inSandbox(blockedPage)).toEqual([says, says]);
});
