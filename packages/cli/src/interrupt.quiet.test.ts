import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-interrupt-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const long = ["--dataset", "digits", "--epochs", "1000", "--limit", "300"];

const runs = [
  ["wasm", "cnn", "SIGINT"],
  ...(process.env.HONE_SOAK === "1"
    ? ([
        ["wasm", "cnn", "SIGTERM"],
        ["cpu", "mlp", "SIGINT"],
        // The software adapter of the browser: slow, so that steps are always under way.
        ...(process.env.HONE_TEST_BROWSER === "off" ? [] : [["webgpu", "mlp", "SIGINT"] as const]),
      ] as const)
    : []),
] as const;

for (const [backend, model, signal] of runs) {
  test(`${signal} ends a run on ${backend} within a second, with the last epoch's model kept`, async () => {
    const [out, json] = [
      path.join(folder, `${backend}-${signal}`),
      path.join(folder, "never.json"),
    ];
    let asked = false;
    const words = ["train", "--model", model, ...long, "--backend", backend];
    const { code, stderr, endedAfterMs } = await hone.run(
      [...words, "--out", out, "--json", json],
      {
        onOutput: (output, child) => {
          if (asked || !/epoch 1\/1000 {2}loss/.test(output)) return;
          asked = true;
          child.kill(signal);
        },
      },
    );
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(endedAfterMs).toBeLessThan(1000);
    const last = stderr.trim().split("\n").at(-1) ?? "";
    const epoch = /^\[hone\] \w+: interrupted after epoch (\d+) of 1000\./.exec(last)?.[1];
    expect(last).toContain(`The model of that epoch is in ${out}.`);
    const report = await readFile(path.join(out, "report.txt"), "utf8");
    expect(report).toMatch(new RegExp(`^ +${epoch} +\\d`, "m"));
    const files = await readdir(out);
    expect(
      files.filter(
        (file) =>
          !/^(group\d-shard1of1\.bin|model\.json|report\.(txt|html)|MODEL-CARD\.md)$/.test(file),
      ),
    ).toEqual([]);
    expect(files).toHaveLength(5);
    expect(await readdir(folder)).not.toContain("never.json");
    const evaluated = await hone.run(["evaluate", "--model", out, "--dataset", "digits"]);
    expect(evaluated.code, evaluated.stderr).toBe(0);
  });
}

test("an interrupt before the first epoch ends writes nothing, and says so", async () => {
  const out = path.join(folder, "nothing");
  const words = ["train", "--model", "cnn-tuned", "--dataset", "digits", "--backend", "cpu"];
  let asked = false;
  const { code, stderr, endedAfterMs } = await hone.run([...words, "--out", out], {
    onStart: (child) => {
      setTimeout(() => {
        asked = true;
        child.kill("SIGINT");
      }, 4000);
    },
  });
  expect(asked).toBe(true);
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/^(Backend .*\n)?\[hone\] interrupted\. Nothing was written\.\n$/);
  expect(endedAfterMs).toBeLessThan(1000);
  expect(await readdir(folder)).not.toContain("nothing");
});

test("a second interrupt ends the run at once", async () => {
  const words = ["train", "--model", "cnn-tuned", "--dataset", "digits", "--backend", "cpu"];
  const { code, endedAfterMs } = await hone.run(words, {
    onStart: (child) => {
      setTimeout(() => child.kill("SIGINT"), 2500);
      setTimeout(() => child.kill("SIGINT"), 2600);
    },
  });
  expect(code).toBe(130);
  // Sooner than a first interrupt's own limit.
  expect(endedAfterMs).toBeLessThan(800);
});
