/** `hone export`: a model that was trained becomes one file, which does without tfjs what the model did. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { compile, openModel } from "@hone/core/runtime";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-export-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

test("a model of `hone train` is exported with its classes and the scale of its pixels", async () => {
  const [run, file, json] = ["run", "digits.hone", "tested.json"].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  const data = ["--dataset", "digits", "--backend", "cpu"];
  for (const words of [
    ["train", "--model", "mlp", ...data, "--limit", "400", "--epochs", "1", "--out", run],
    ["evaluate", "--model", run, ...data, "--json", json],
    ["export", "--model", run, "--out", file, "--name", "my digits"],
  ]) {
    const outcome = await hone.run(words);
    expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  }
  const model = await openModel(await readFile(file));
  expect(model.name).toBe("my digits");
  expect(Object.values(model.classNames)[0]).toHaveLength(10);
  const device = await cpu({ worker: false }).open();
  const session = await compile(model, { device });
  const { test } = await digits();
  const told = JSON.parse(await readFile(json, "utf8"));
  const { loss, outputs } = await session.evaluate(test);
  expect(loss).toBeCloseTo(told.testLoss ?? told.loss, 5);
  // Bytes as a page has them, in a session that has met no data set.
  const fresh = await compile(await openModel(await readFile(file)), { device });
  const { x } = test.columns as { x: { data: Uint8Array } };
  const pixels = x.data.slice(0, 784 * 3);
  expect([...(await fresh.predict(pixels)).data]).toEqual([...outputs.slice(0, 30)]);
  for (const one of [session, fresh]) one.close();
  await device.close();
}, 120_000);

test("what cannot be exported is refused in words, and no file is left", async () => {
  const file = path.join(folder, "none.hone");
  for (const [words, said] of [
    [["--out", file], /--model is missing/],
    [["--model", folder], /--out is missing/],
    [["--model", path.join(folder, "nowhere"), "--out", file], /nowhere/],
    [["--model", folder, "--out", file, "--input-shape", "3,x"], /is no shape/],
    [["--model", folder, "--out", file, "--byte-scale", "0"], /--byte-scale is '0'/],
  ] as const) {
    const { code, stderr } = await hone.run(["export", ...words]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
  }
  await expect(stat(file)).rejects.toThrow(/ENOENT/);
});
