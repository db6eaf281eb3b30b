/** `--checkpoint` and `--resume`: a run that was killed goes on by the folder's name alone, to the same model. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-resume-"));
}, 60_000);
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string) => path.join(folder, name);
const words = [
  ...["train", "--model", "mlp", "--dataset", "digits", "--epochs", "4", "--validation", "0.1"],
  ...["--schedule", "one-cycle", "--augment", "shift=1", "--backend", "wasm", "--seed", "3"],
];

async function weightsIn(out: string): Promise<Buffer> {
  const name = (await readdir(out)).find((file) => file.endsWith(".bin"));
  return readFile(path.join(out, name as string));
}

test("a killed run goes on in the middle, with its own options", { timeout: 240_000 }, async () => {
  expect(await hone.run([...words, "--out", at("peace")])).toMatchObject({ code: 0 });
  let isKilled = false;
  const kept = ["--checkpoint", at("kept"), "--every", "1ms"];
  await hone.run([...words, "--out", at("out"), ...kept], {
    onOutput: (output, child) => {
      if (isKilled || !/epoch 2\/4 {2}loss/.test(output)) return;
      isKilled = true;
      child.kill("SIGKILL");
    },
  });
  expect(isKilled).toBe(true);

  const again = await hone.run([...words, ...kept]);
  expect(again.code).not.toBe(0);
  expect(again.stderr).toMatch(
    /it holds checkpoints of a training after step \d+\. Go on with it by --resume/,
  );
  const other = await hone.run(["train", "--resume", at("kept"), "--batch-size", "32"]);
  expect(other.stderr).toMatch(
    /--batch-size is '32', and the run was begun without it\. Leave it out/,
  );
  const badTime = await hone.run([...words, "--checkpoint", at("kept"), "--every", "soon"]);
  expect(badTime.stderr).toMatch(/--every is 'soon'\. Give a time, as 30s, 5m or 500ms/);

  const resumed = await hone.run([
    "train",
    "--resume",
    at("kept"),
    "--backend",
    "wasm",
    "--threads",
    "1",
  ]);
  expect(resumed.stderr).toMatch(/going on in epoch \d/);
  expect(resumed).toMatchObject({ code: 0 });
  expect(await weightsIn(at("out"))).toEqual(await weightsIn(at("peace")));
  const epochs = /^( +\d+ +[\d.]+.*\n){4}/m;
  const report = (out: string) => readFile(path.join(at(out), "report.txt"), "utf8");
  expect((await report("out")).match(epochs)).not.toBeNull();

  const over = await hone.run(["train", "--resume", at("kept")]);
  expect(over.stderr).toMatch(/the training in it has ended, after \d+ steps/);
  const nothing = await hone.run(["train", "--resume", at("nowhere")]);
  expect(nothing.stderr).toMatch(/there is no checkpoint\. Begin a run with --checkpoint/);
});
