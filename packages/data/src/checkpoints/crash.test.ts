/** Saving processes that are killed, lose their disk, or get in each other's way. */
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { RandomStream, type SessionCheckpoint } from "@hone/core";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../test/small-set.js";
import { checkpointFolder } from "./folder.js";
import { checkpointOf } from "./test/example.js";
import { savingScript, startProcess } from "./test/processes.js";

const soak = process.env.HONE_SOAK === "1";
const kills = soak ? 30 : 3;
/** Of a checkpoint of four megabytes. */
const FLOATS = 1_000_000;
const { execPath } = process;
const partials = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith(".partial"));

test(`after kill -9, ${kills} times, the newest checkpoint is whole, and none that was saved is lost`, async () => {
  const script = await savingScript();
  const folder = await temporaryFolder();
  const random = new RandomStream(soak ? Date.now() % 2 ** 32 : 3, 1);
  let last = 0;
  let cutInMidWrite = 0;
  for (let kill = 0; kill < kills; kill++) {
    const words = [folder, "1000000", String(FLOATS), String(last + 1)];
    const running = startProcess([execPath, script, ...words]);
    await expect
      .poll(() => running.said.length, { interval: 1, timeout: 50_000 })
      .toBeGreaterThan(0);
    // Every other time in the middle of a write, the others at any moment.
    if (kill % 2 === 0) while ((await partials(folder)).length === 0);
    else await new Promise((resolve) => setTimeout(resolve, random.nextFloat() * 60));
    running.child.kill("SIGKILL");
    const said = await running.ended;
    expect(running.child.signalCode).toBe("SIGKILL");
    const found = await checkpointFolder(folder).latest();
    const reported = said.at(-1)?.saved as number;
    expect(found?.skipped).toEqual([]);
    const { step, tensors } = found!.checkpoint as SessionCheckpoint;
    expect([reported, reported + 1]).toContain(step);
    const { data } = tensors["parameter:0"]!;
    expect(data).toHaveLength(FLOATS);
    expect(data.every((value) => value === step)).toBe(true);
    last = step;
    cutInMidWrite += (await partials(folder)).length;
  }
  if (soak) expect(cutInMidWrite).toBeGreaterThan(3);
  await checkpointFolder(folder).save(checkpointOf(last + 1));
  expect(await partials(folder)).toEqual([]);
  expect(await readdir(folder)).toHaveLength(3);
});

test("a file size limit in mid-write is told, and loses nothing that was saved", async () => {
  const script = await savingScript();
  const folder = await temporaryFolder();
  const store = checkpointFolder(folder);
  await store.save(checkpointOf(1));
  // The limit's signal is ignored, so that the write fails as on a full disk.
  const limited = `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`;
  const words = [execPath, script, folder, "2", "500000", "2"];
  const said = await startProcess(["bash", "-c", limited, ...words]).ended;
  for (const { kind, message } of said) {
    expect(kind).toBe("BadData");
    expect(message).toMatch(
      /step-[23]-\w+\.safetensors: it cannot be written \(EFBIG.*\)\. Free some space, or give another folder\. Checkpoints saved before are still there\.$/,
    );
  }
  expect(said).toHaveLength(2);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await store.latest()).toMatchObject({ checkpoint: { step: 1 }, skipped: [] });
});

/** A disk of 256 kB for the length of the test; undefined where this user may mount none. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}

test("a full disk is told, loses nothing that was saved, and is used again once there is room", async (context) => {
  const folder = await smallDisk();
  if (folder === undefined) return context.skip("mounting a small disk takes more rights");
  const store = checkpointFolder(folder);
  await store.save(checkpointOf(1, 20_000));
  await store.save(checkpointOf(2, 20_000));
  await expect(store.save(checkpointOf(3, 40_000))).rejects.toMatchObject({
    kind: "BadData",
    message: expect.stringMatching(/it cannot be written \(ENOSPC.*\)\. Free some space/),
  });
  expect(await readdir(folder)).toHaveLength(2);
  expect(await store.latest()).toMatchObject({ checkpoint: { step: 2 }, skipped: [] });
  await store.save(checkpointOf(4, 10_000));
  expect(await store.latest()).toMatchObject({ checkpoint: { step: 4 } });
});

test("a folder that may not be written is told by its path", async () => {
  const script = await savingScript();
  const parent = await temporaryFolder();
  await chmod(parent, 0o755);
  const folder = join(parent, "kept");
  await mkdir(folder, { mode: 0o755 });
  await checkpointFolder(folder).save(checkpointOf(1));
  // Root may write everywhere; nobody may not.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(folder, 0, 0);
  else await chmod(folder, 0o555);
  const options = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const words = [execPath, script, folder, "1", "4", "2"];
  const [said] = await startProcess(words, options).ended;
  expect(said).toMatchObject({ failed: 2, kind: "BadData" });
  expect(said?.message).toMatch(
    /kept\/checkpoint-.*it cannot be written \(EACCES.*Check its permi/,
  );
  await chmod(folder, 0o755);
  expect(await checkpointFolder(folder).latest()).toMatchObject({ checkpoint: { step: 1 } });
});

test("two processes save into one folder at once, and the newest of both are kept", async () => {
  const script = await savingScript();
  const folder = await temporaryFolder();
  const each = soak ? 300 : 40;
  const start = (first: number) =>
    startProcess([execPath, script, folder, String(each), "1000", String(first)]);
  const both = [start(1), start(1001)];
  const reader = checkpointFolder(folder);
  let reads = 0;
  let isOver = false;
  const over = Promise.all(both.map(({ ended }) => ended)).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const found = await reader.latest();
    if (found) reads++;
    expect(found?.skipped ?? []).toEqual([]);
  }
  for (const said of await over) {
    expect(said.filter(({ failed }) => failed !== undefined)).toEqual([]);
    expect(said).toHaveLength(each);
  }
  expect(reads).toBeGreaterThan(5);
  const names = await readdir(folder);
  expect(names).toHaveLength(3);
  const steps = names.map((name) => Number(/-step-(\d+)-/.exec(name)?.[1]));
  expect(steps.some((step) => step === each || step === 1000 + each)).toBe(true);
  expect(await reader.latest()).toMatchObject({ skipped: [] });
});
