/** A model of somebody else names itself and its classes as it likes; none of it reaches a terminal raw. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { visibleText } from "@hone/core";
import { encodeModel } from "@hone/core/io";
import "@hone/core/models";
import { input, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { encode } from "fast-png";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeModelFiles } from "./model-folder.js";
import { type BuiltCommand, buildCommand, type Outcome } from "./test/build.js";

/** Clears the screen, sets a title, fills the clipboard, ends the line, turns it round, looks like a tag. */
const hostile =
  "\u001b[2J\u001b]0;t\u0007\u001b]52;c;aGk=\u0007\u009b31m\r\nFiles      none\u202e\u2066<meta http-equiv=refresh>";
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

let hone: BuiltCommand;
let folder = "";
const inFolder = (name: string) => path.join(folder, name);
/** As long, with spaces in the same places. */
const plainName = visibleText(hostile).replaceAll("\\", "-");
const names = { plain: plainName, hostile };

beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-outsiders-"));
  for (const name of Object.values(names)) {
    await writeModelFiles(inFolder(name), await filesOf(name));
  }
  const pixels = new Uint8Array(28 * 28);
  for (const name of Object.values(names)) {
    await writeFile(
      inFolder(`${name}.png`),
      encode({ width: 28, height: 28, channels: 1, data: pixels }),
    );
  }
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** tfjs checks the names of layers and outputs itself, the model's own and Hone's class names not. */
async function filesOf(name: string) {
  const pixels = input({ shape: [28, 28], name: "pixels" });
  const flat = layers.flatten({ name: "flat" }).apply(pixels);
  const heads = [
    layers.dense({ units: 1, name: "weight" }),
    layers.dense({ units: 10, activation: "softmax", name: "kind" }),
  ].map((layer) => layer.apply(flat) as SymbolicTensor);
  const classNames = Array.from({ length: 10 }, (_, index) => `${name}${index}`);
  return encodeModel(model({ inputs: pixels, outputs: heads, name }), {
    metadata: { classNames, classOutput: "kind" },
  });
}

/** What was printed holds nothing raw, and as many lines as for names that are plain. */
function compare(outcome: Outcome, plain: Outcome): void {
  expect(outcome.code, outcome.stderr).toBe(plain.code);
  for (const stream of ["stdout", "stderr"] as const) {
    expect(outcome[stream]).not.toMatch(raw);
    const lines = (text: string) => text.split("\n").filter((line) => !/img\/s/.test(line)).length;
    expect(lines(outcome[stream]), outcome[stream]).toBe(lines(plain[stream]));
  }
}

async function run(kind: keyof typeof names, ...words: string[]): Promise<Outcome> {
  return hone.run(words.map((word) => (word === "MODEL" ? inFolder(names[kind]) : word)));
}

test("a prediction tells classes and files by names that cannot do anything", async () => {
  const words = ["predict", "--backend", "cpu", "--model", "MODEL"];
  const expected = await run("plain", ...words, inFolder(`${names.plain}.png`));
  const outcome = await run("hostile", ...words, inFolder(`${names.hostile}.png`));
  compare(outcome, expected);
  // The class that the file shows and the next, and before each column that has no room beside it, the file again.
  expect(outcome.stdout.split("\\u001b[2J").length - 1).toBe(12);
});

test("training and evaluating, their reports and their results hold nothing raw", async () => {
  const common = ["--model", "MODEL", "--dataset", "digits", "--backend", "cpu", "--limit", "200"];
  const outcomes: Record<string, Outcome[]> = {};
  for (const kind of ["plain", "hostile"] as const) {
    const out = inFolder(`out-${kind}`);
    await mkdir(out, { recursive: true });
    const files = ["--out", path.join(out, "run"), "--json", path.join(out, "run.json")];
    outcomes[kind] = [
      await run(kind, "train", ...common, "--epochs", "1", ...files),
      await run(kind, "evaluate", ...common.slice(0, 6), "--json", path.join(out, "test.json")),
      await run(kind, "evaluate", "--model", "MODEL", "--dataset", `./${names[kind]}`),
    ];
  }
  for (const [index, outcome] of (outcomes.hostile ?? []).entries()) {
    compare(outcome, (outcomes.plain ?? [])[index] as Outcome);
  }
  const out = inFolder("out-hostile");
  for (const name of ["run.json", "test.json", "run/report.txt", "run/report.html"]) {
    const text = await readFile(path.join(out, name), "utf8");
    expect(text, name).not.toMatch(raw);
    expect(text, name).toContain("\\u001b[2J");
    if (name.endsWith(".html")) expect(text).not.toMatch(/<meta http-equiv=refresh/);
    if (name.endsWith(".json")) expect(JSON.stringify(JSON.parse(text))).toContain("\\u001b[2J");
  }
});
