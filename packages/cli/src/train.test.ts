import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encodeModel } from "@hone/core/io";
import { createModel } from "@hone/core/models";
import { digits } from "@hone/data";
import { encode } from "fast-png";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeModelFiles } from "./model-folder.js";
import { writeIdxSet } from "./study/test/idx-set.js";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-train-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

const onDigits = ["--dataset", "digits", "--backend", "wasm", "--limit", "700"];
const mlp = ["train", "--model", "mlp", ...onDigits, "--epochs", "2"];
const inFolder = (name: string) => path.join(folder, name);

/** Runs the command; a failure shows what it said. */
async function succeed(...words: string[]) {
  const outcome = await hone.run(words);
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  return outcome;
}

const weightsIn = async (name: string) => {
  const file = (await readdir(inFolder(name))).find((entry) => entry.endsWith(".bin"));
  return readFile(path.join(inFolder(name), file ?? "none"));
};

test("a run leaves model, report and results, and evaluate and predict agree with them", async () => {
  const [out, json] = [inFolder("mlp"), inFolder("results/mlp.json")];
  const trained = await succeed(
    ...mlp,
    ...[
      "--out",
      out,
      "--json",
      json,
      "--validation",
      "0.1",
      "--evaluate-each-epoch",
      "--seed",
      "3",
      "--verbose",
    ],
  );
  const result = JSON.parse(await readFile(json, "utf8"));
  const [epoch, tested] = [
    ["epoch", "loss", "accuracy", "validationLoss", "validationAccuracy"],
    ["testLoss", "testAccuracy", "figures", "testFigures", "seconds"],
  ];
  expect(Object.keys(result)).toEqual(
    [
      ["model", "dataset", "backend", "why", "seed", "batchSize", "schedule", "augment"],
      ["epochs", "test"],
      ["imagesPerSecond", "steps", "device"],
    ].flat(),
  );
  expect(result).toMatchObject({
    model: "mlp",
    dataset: "digits",
    backend: "wasm",
    why: "asked for with --backend wasm",
    seed: 3,
    batchSize: 64,
    // Of 700 images 630 train: nine whole batches and a short one.
    steps: 20,
    device: expect.stringContaining("WASM"),
  });
  expect(result.epochs.map((entry: object) => Object.keys(entry))).toEqual(
    Array(2).fill([...epoch, ...tested]),
  );
  expect(result.epochs[1].testAccuracy).toBe(result.test.accuracy);
  const { loss, accuracy: acc, validationLoss, validationAccuracy } = result.epochs[1];
  const validated = { val_loss: validationLoss, val_acc: validationAccuracy };
  expect(result.epochs[1].figures).toEqual({ loss, acc, ...validated });
  expect(result.test.confusion.flat().reduce((sum: number, count: number) => sum + count)).toBe(
    1000,
  );
  expect(result.imagesPerSecond).toBeGreaterThan(0);

  const files = [
    "MODEL-CARD.md",
    "group2-shard1of1.bin",
    "model.json",
    "report.html",
    "report.txt",
  ];
  expect((await readdir(out)).sort()).toEqual(files);
  const report = await readFile(path.join(out, "report.txt"), "utf8");
  expect(trained.stdout).toBe(`${report}\nFiles      model and report: ${out}; results: ${json}\n`);
  expect(report).toContain("on digits (synthetic, drawn by code)");
  expect(trained.stderr.split("\n").filter((line) => line.startsWith("mlp  epoch"))).toHaveLength(
    2,
  );

  const accuracy = `accuracy ${(100 * result.test.accuracy).toFixed(2)} %`;
  expect(report).toContain(accuracy);
  const evaluated = await succeed("evaluate", "--model", out, "--dataset", "digits");
  expect(evaluated.stdout).toContain(accuracy);
});

test("the page of a run shows what the run's results say, and nothing but it is written", async () => {
  const [report, json] = [inFolder("pages/run.html"), inFolder("run.json")];
  const words = ["--report", report, "--json", json, "--validation", "0.1"];
  const { stdout } = await succeed(...mlp, ...words);
  expect(stdout).toContain(`\nFiles      page: ${report}; results: ${json}\n`);
  expect(await readdir(inFolder("pages"))).toEqual(["run.html"]);
  const page = await readFile(report, "utf8");
  const { test: tested, epochs } = JSON.parse(await readFile(json, "utf8"));
  const { document } = parseHTML(page);
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((element) => element.textContent);
  const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
  expect(texts(".lead")[0]).toContain(`${percent(tested.accuracy)} of 1,000 synthetic test rows`);
  const tips = texts("svg title");
  for (const { epoch, accuracy, validationAccuracy } of epochs) {
    expect(tips).toContain(`training: ${percent(accuracy)} at epoch ${epoch}`);
    expect(tips).toContain(`validation: ${percent(validationAccuracy)} at epoch ${epoch}`);
  }
  const confusion = tested.confusion as number[][];
  const [count, total] = [confusion[3]![3]!, confusion[3]!.reduce((sum, some) => sum + some, 0)];
  expect(tips).toContain(`true 3, predicted 3: ${count} (${percent(count / total)})`);
  const mistakes = Math.round(1000 * (1 - tested.accuracy));
  expect(document.querySelectorAll(".images img")).toHaveLength(Math.min(40, mistakes));
  expect(page).not.toMatch(/<script|NaN|undefined/);
});

test("one seed gives one model, bit by bit; and training goes on from a saved one", async () => {
  await succeed(...mlp, "--out", inFolder("a"), "--seed", "5");
  await succeed(...mlp, "--out", inFolder("b"), "--seed", "5");
  await succeed(...mlp, "--out", inFolder("c"), "--seed", "6");
  expect(await weightsIn("a")).toEqual(await weightsIn("b"));
  expect(await weightsIn("a")).not.toEqual(await weightsIn("c"));
  const saved = ["train", "--model", path.join(inFolder("a"), "model.json"), ...onDigits];
  const again = await succeed(...saved, "--epochs", "1", "--optimizer", "sgd", "--verbose");
  expect(again.stdout).toContain("sgd at 0.001");
  expect(again.stdout).toContain("Files      none written: --out DIR keeps the model");
});

test("a zoo model brings its schedule and augmentation, which options overrule", async () => {
  const json = inFolder("recipe.json");
  const compact = ["train", "--model", "cnn-compact", "--dataset", "digits", "--limit", "64"];
  const options = ["--epochs", "1", "--backend", "wasm", "--json", json, "--verbose"];
  const own = await succeed(...compact, ...options);
  expect(own.stdout).toMatch(/Settings .*one-cycle schedule, augmentation shift=\d/);
  const result = JSON.parse(await readFile(json, "utf8"));
  expect(result).toMatchObject({ schedule: "one-cycle", augment: { flip: false } });
  const plain = ["--schedule", "constant", "--augment", "none"];
  const overruled = await succeed(...compact, ...options, ...plain);
  expect(overruled.stdout).not.toMatch(/Settings .*(one-cycle|augmentation)/);
  expect(JSON.parse(await readFile(json, "utf8"))).toMatchObject({
    schedule: "constant",
    augment: null,
  });
  const asked = await succeed(
    ...mlp,
    "--json",
    json,
    "--augment",
    "flip",
    "--schedule",
    "one-cycle",
    "--verbose",
  );
  expect(asked.stdout).toMatch(/Settings .*adam at 0\.001, one-cycle schedule, augmentation flip/);
});

test("predict reads dark digits on paper and light ones on black, of any size", async () => {
  const out = inFolder("reader");
  await succeed(
    "train",
    ...["--model", "mlp", "--dataset", "digits"],
    "--epochs",
    "5",
    "--out",
    out,
  );
  const { test: images } = await digits({ train: 1, test: 8 });
  const files: string[] = [];
  for (let row = 0; row < 8; row++) {
    const pixels = images.columns.x.data.subarray(row * 784, (row + 1) * 784);
    // Twice as large, and inverted for every second image.
    const data = Uint8Array.from({ length: 56 * 56 }, (_, index) => {
      const [y, x] = [Math.floor(index / 56), index % 56];
      const value = pixels[(y >> 1) * 28 + (x >> 1)] as number;
      return row % 2 === 0 ? value : 255 - value;
    });
    files.push(inFolder(`${row}.png`));
    await writeFile(files[row]!, encode({ width: 56, height: 56, channels: 1, data }));
  }
  const { stdout } = await succeed("predict", "--model", out, ...files);
  const rows = stdout.split("\n").filter((line) => line.includes(".png"));
  const shown = rows.map((line) => line.slice(files[0]!.length).trim().split(/\s+/)[0]);
  const right = shown.filter((name, row) => name === `${images.columns.y.data[row]}`).length;
  expect(right).toBeGreaterThanOrEqual(6);
  expect(rows.map((line) => line.trim().split(/\s+/).at(-1))).toEqual([
    ...["no", "yes", "no", "yes", "no", "yes", "no", "yes"],
  ]);
});

test("a reader that goes away does not harm the run", async () => {
  const out = inFolder("piped");
  const { code, stderr } = await hone.run([...mlp, "--out", out], {
    onOutput: (_output, child) => child.closeStdout(),
  });
  expect({ code, stderr: stderr.replace(/^(mlp|Backend) .*\n/gm, "") }).toEqual({
    code: 0,
    stderr: "",
  });
  expect(await readdir(out)).toContain("report.txt");
});

test.each([4, 12])(
  "a folder of %i classes trains a model of as many outputs, to the end and with results",
  async (classes) => {
    const [data, out, json] = ["set", "model", "results.json"].map((name) =>
      inFolder(`${classes}-classes/${name}`),
    ) as [string, string, string];
    await writeIdxSet(data, { train: 240, test: 60 }, { classes });
    const words = ["--dataset", data, "--backend", "wasm", "--epochs", "1", "--verbose"];
    const files = ["--out", out, "--json", json];
    const { stdout } = await succeed("train", "--model", "mlp", ...words, ...files);
    const result = JSON.parse(await readFile(json, "utf8"));
    expect(result.test.confusion.map((row: number[]) => row.length)).toEqual(
      Array(classes).fill(classes),
    );
    expect(result.test.confusion.flat().reduce((sum: number, count: number) => sum + count)).toBe(
      60,
    );
    // A row a class where a column a class has no room.
    expect(stdout).toContain(classes === 4 ? "true\\given" : "most often taken for");
    const topology = JSON.parse(await readFile(path.join(out, "model.json"), "utf8"));
    expect(topology.userDefinedMetadata.classNames).toHaveLength(classes);
    const evaluated = await succeed("evaluate", "--model", out, "--dataset", data);
    expect(evaluated.stdout).toContain(`accuracy ${(100 * result.test.accuracy).toFixed(2)} %`);
  },
);

test("a saved model of ten outputs learns four classes, and twelve are refused before anything runs", async () => {
  const [saved, few, many, json] = ["ten", "four", "twelve", "ten.json"].map((name) =>
    inFolder(`ten-outputs/${name}`),
  ) as [string, string, string, string];
  await writeModelFiles(saved, await encodeModel(createModel("mlp", { seed: 5 })));
  await writeIdxSet(few, { train: 64, test: 20 }, { classes: 4 });
  await writeIdxSet(many, { train: 64, test: 20 }, { classes: 12 });
  const words = ["--model", saved, "--backend", "wasm"];
  await succeed("train", ...words, "--dataset", few, "--epochs", "1", "--json", json);
  expect(JSON.parse(await readFile(json, "utf8")).test.confusion).toHaveLength(10);
  for (const verb of ["train", "evaluate"]) {
    const refused = await hone.run([verb, ...words, "--dataset", many]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      /^\[hone\] data set ".+": it has 12 classes, but the model tells 10 apart\. [^\n]+\n$/,
    );
  }
});
