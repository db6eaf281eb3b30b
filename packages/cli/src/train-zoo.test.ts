/** Models of the zoo train by their names alone, whatever kind of rows their task has. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-zoo-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function trained(model: string, ...words: readonly string[]) {
  const [json, out] = [path.join(folder, `${model}.json`), path.join(folder, model)];
  const short = ["--backend", "wasm", "--limit", "64", "--epochs", "1", "--json", json];
  const outcome = await hone.run(["train", "--model", model, ...short, "--out", out, ...words]);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  const result = JSON.parse(await readFile(json, "utf8"));
  return { out, result, errors: outcome.stderr };
}

if (process.env.HONE_SOAK === "1") {
  test("a text's next letters, and the model read again", async () => {
    const { out, result } = await trained("gpt");
    expect(result).toMatchObject({ dataset: "sums", batchSize: 32, steps: 2 });
    const again = await hone.run([
      ...["evaluate", "--model", out, "--dataset", "sums", "--backend", "wasm"],
      ...["--json", path.join(folder, "again.json")],
    ]);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    const { loss } = JSON.parse(await readFile(path.join(folder, "again.json"), "utf8"));
    expect(loss).toBeCloseTo(result.test.loss, 5);
  });
}

test("a series' next number, by a metric of its own", async () => {
  const { result } = await trained("gru-series");
  expect(Object.keys(result.test.figures)).toEqual(["loss", "meanAbsoluteError"]);
});

test("a picture's own pixels, with a divergence beside them", async () => {
  const { result } = await trained("vae");
  expect(Object.keys(result.test.figures)).toEqual(["loss", "decoded_loss", "divergence_loss"]);
  const asked = await hone.run(["train", "--model", "vae", "--loss", "meanSquaredError"]);
  expect(asked.code).not.toBe(0);
  expect(asked.stderr).toContain("losses of its own, of decoded, divergence");
});

test("pictures of another size and other classes than the task has", async () => {
  const { result } = await trained("resnet", "--dataset", "digits");
  expect(result).toMatchObject({ dataset: "digits", batchSize: 32 });
  expect(result.test.confusion).toHaveLength(10);
});

test("a frozen MobileNet says what was computed beforehand, and what else there is to freeze", async () => {
  const { result, errors } = await trained("mobilenet", "--freeze");
  expect(errors).toMatch(
    /layers that do not learn were computed once for each image, in .* seconds/,
  );
  expect(result.steps).toBe(2);
  const other = await hone.run(["train", "--model", "cnn", "--freeze"]);
  expect(other.code).not.toBe(0);
  expect(other.stderr).toContain("--freeze goes with the models mobilenet and mobilenet-v2");
});
