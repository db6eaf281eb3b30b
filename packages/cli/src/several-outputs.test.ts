import "@tensorflow/tfjs-backend-cpu";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encodeModel } from "@hone/core/io";
import "@hone/core/models";
import { input, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { encode } from "fast-png";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeModelFiles } from "./model-folder.js";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
const inFolder = (name: string) => path.join(folder, name);
const onDigits = ["--dataset", "digits", "--backend", "wasm"];

beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-outputs-"));
  await writeModelFiles(inFolder("heads"), await encodeModel(twoHeads()));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A digit's class, and beside it one number that no data set of the command line has labels for. */
function twoHeads() {
  const pixels = input({ shape: [28, 28], name: "pixels" });
  const flat = layers.flatten({ name: "flat" }).apply(pixels);
  const shared = layers.dense({ units: 32, activation: "relu", name: "shared" }).apply(flat);
  const heads = [
    layers.dense({ units: 1, name: "weight" }),
    layers.dense({ units: 10, activation: "softmax", name: "kind" }),
  ].map((layer) => layer.apply(shared) as SymbolicTensor);
  return model({ inputs: pixels, outputs: heads });
}

async function succeed(...words: string[]) {
  const outcome = await hone.run(words);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome;
}

test("of two outputs the one with classes learns, and every table, file and page names it", async () => {
  const [out, json] = [inFolder("trained"), inFolder("trained.json")];
  const settings = ["--epochs", "2", "--limit", "2000", "--validation", "0.1"];
  const moves = ["--optimizer", "rmsprop", "--schedule", "cosine"];
  const files = ["--out", out, "--json", json];
  const words = ["--model", inFolder("heads"), ...onDigits, ...settings, ...moves, ...files];
  const { stdout, stderr } = await succeed("train", ...words, "--evaluate-each-epoch", "--verbose");
  expect(stderr).toMatch(
    /epoch 2\/2 {2}loss \d\.\d{4} {2}kind_acc \d+\.\d+ % {2}validation loss \d\.\d{4} {2}validation kind_acc \d+\.\d+ % .*test kind_acc \d+\.\d+ %/,
  );
  expect(stdout).toMatch(/Settings .*rmsprop at 0\.001, cosine schedule/);
  expect(stdout).toMatch(
    /\nepoch +loss +kind_acc +validation loss +validation kind_acc +seconds\n/,
  );
  expect(stdout).toContain("\nOutput     kind\n\ntrue\\given");
  const result = JSON.parse(await readFile(json, "utf8"));
  expect(result).toMatchObject({ schedule: "cosine" });
  expect(Object.keys(result.epochs[1].figures)).toEqual([
    ...["loss", "kind_acc", "val_loss", "val_kind_acc"],
  ]);
  const { accuracy, figures, confusion, byOutput } = result.test;
  expect({ accuracy, confusion }).toEqual({ accuracy: null, confusion: [] });
  expect(byOutput.weight.confusion).toEqual([]);
  expect(byOutput.kind.accuracy).toBeGreaterThan(0.5);
  expect(byOutput.kind.accuracy).toBeCloseTo(figures.kind_acc, 6);
  expect(result.epochs[1].testFigures).toEqual(figures);
  const page = await readFile(path.join(out, "report.html"), "utf8");
  expect(page).not.toMatch(/NaN|undefined/);
  const heads = [...parseHTML(page).document.querySelectorAll("h2")].map((h) => h.textContent);
  expect(heads).toContain("What is taken for what: kind");
  expect(heads).toContain("Mistakes");

  const tested = inFolder("tested.json");
  const evaluated = await succeed("evaluate", "--model", out, ...onDigits, "--json", tested);
  expect(evaluated.stdout).toContain("\nOutput     kind\n");
  const again = JSON.parse(await readFile(tested, "utf8"));
  expect(again.figures.kind_acc).toBeCloseTo(figures.kind_acc, 6);
  expect(again.byOutput.kind.confusion).toEqual(byOutput.kind.confusion);

  const png = inFolder("blank.png");
  await writeFile(
    png,
    encode({ width: 28, height: 28, channels: 1, data: new Uint8Array(784).fill(9) }),
  );
  const predicted = await succeed("predict", "--model", out, "--backend", "cpu", png);
  const lines = predicted.stdout.split("\n");
  expect(lines[0]).toMatch(/^image +output +shows +inverted +how sure/);
  expect(lines[2]).toMatch(/ weight +-?[\d.]+ +no/);
  expect(lines[3]).toMatch(/ kind +\d +no +\d+\.\d\d %/);
  expect(predicted.stdout).toMatch(/or else.*\n.*\n.*\n.* \d \(\d+\.\d\d %\)/);
});

test("metrics of tfjs are told by their names, and a loss that takes other labels is refused", async () => {
  const json = inFolder("metrics.json");
  const model = ["--model", inFolder("heads"), ...onDigits];
  const metrics = ["--metrics", "acc,sparseCategoricalCrossentropy", "--json", json];
  const { stdout } = await succeed("evaluate", ...model, ...metrics);
  expect(stdout).toMatch(/Test +loss [\d.]+, kind_acc [\d.]+ %, kind_\w+ [\d.]+ on digits/);
  const refused = await hone.run(["evaluate", ...model, "--loss", "mse"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("[hone] loss meanSquaredError");
});

test("a model of several inputs is refused before anything runs, with what to use instead", async () => {
  const [a, b] = [input({ shape: [28, 28], name: "a" }), input({ shape: [28, 28], name: "b" })];
  const sum = layers.flatten().apply(layers.add().apply([a!, b!])) as SymbolicTensor;
  const out = layers.dense({ units: 10, activation: "softmax" }).apply(sum) as SymbolicTensor;
  const place = inFolder("two-inputs");
  await writeModelFiles(place, await encodeModel(model({ inputs: [a!, b!], outputs: out })));
  for (const words of [
    ["train", "--model", place, ...onDigits],
    ["evaluate", "--model", place, ...onDigits],
    ["predict", "--model", place, "x.png"],
  ]) {
    const refused = await hone.run(words);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/the model takes 2 inputs \(a, b\).+Use the library/);
  }
});
