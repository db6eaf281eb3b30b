import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { encodeModel } from "@hone/core/io";
import { createModel } from "@hone/core/models";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "./test/build.js";

let hone: BuiltCommand;
let folder = "";
const inFolder = (name: string) => path.join(folder, name);

/** Makes `fetch` fail as it does without a network. */
const offline = {
  NODE_OPTIONS:
    "--import=data:text/javascript,globalThis.fetch=async()=>{throw(new(TypeError)('offline'))}",
  HONE_DATA: undefined as string | undefined,
  XDG_CACHE_HOME: "" as string,
  HOME: "" as string,
};

beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-bad-"));
  offline.XDG_CACHE_HOME = inFolder("cache");
  offline.HOME = inFolder("home");
  await write("truncated/mnist/train-images-idx3-ubyte.gz", new Uint8Array(100));
  await write("checksum/mnist/train-images-idx3-ubyte.gz", new Uint8Array(9_912_422));
  for (const part of ["train", "t10k"]) {
    await write(`mislabelled/${part}-images-idx3-ubyte`, idx(3, [2, 28, 28]));
    await write(`mislabelled/${part}-labels-idx1-ubyte`, idx(3, [2, 28, 28]));
    await write(`fewer/${part}-images-idx3-ubyte`, idx(3, [2, 28, 28]));
    await write(`fewer/${part}-labels-idx1-ubyte`, idx(1, [3]));
  }
  await writeModel("resized", resized());
  await writeModel("small", small());
  const good = createModel("mlp", { seed: 1 });
  await writeModel("corrupted", good, (bytes) => bytes.fill(0xff, 400, 404));
  await writeModel("cut", good, (bytes) => bytes.subarray(0, 1000));
  await write("empty/model.json", new Uint8Array(0));
  await write("broken.png", new TextEncoder().encode("no image"));
  await writeModel("good", good);
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function write(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(inFolder(name)), { recursive: true });
  await writeFile(inFolder(name), bytes);
}

function idx(rank: number, shape: readonly number[]): Uint8Array {
  const header = new Uint8Array(4 + 4 * rank);
  header.set([0, 0, 8, rank]);
  for (const [axis, size] of shape.entries()) {
    new DataView(header.buffer).setUint32(4 + 4 * axis, size);
  }
  return Uint8Array.from([...header, ...new Uint8Array(shape.reduce((a, b) => a * b, 1))]);
}

/** tfjs cannot run this layer in a model either. */
function resized() {
  return sequential({
    layers: [
      layers.resizing({ height: 14, width: 14, inputShape: [28, 28, 1], name: "resized" } as never),
      layers.flatten(),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}

function small() {
  return sequential({
    layers: [
      layers.flatten({ inputShape: [5, 5, 1] }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}

async function writeModel(
  name: string,
  model: Parameters<typeof encodeModel>[0],
  change: (weights: Uint8Array) => Uint8Array = (weights) => weights,
): Promise<void> {
  for (const [file, bytes] of Object.entries(await encodeModel(model))) {
    await write(`${name}/${file}`, file.endsWith(".bin") ? change(bytes.slice()) : bytes);
  }
}

interface Case {
  readonly title: string;
  readonly words: () => readonly string[];
  readonly data?: string;
  readonly says: RegExp;
}

const train = (...words: string[]) => ["train", "--backend", "cpu", "--epochs", "1", ...words];
const model = (name: string) => train("--dataset", "digits", "--model", inFolder(name));
const evaluate = (name: string) => ["evaluate", "--dataset", "digits", "--model", inFolder(name)];

const cases: readonly Case[] = [
  {
    title: "a missing data file",
    words: () => train(),
    says: /train-images-idx3-ubyte\.gz: it is not in .*offline/,
  },
  {
    title: "a truncated data file",
    words: () => train(),
    data: "truncated",
    says: /holds 100 bytes, but the official file has 9912422/,
  },
  {
    title: "a wrong checksum",
    words: () => train(),
    data: "checksum",
    says: /its SHA-256 is [0-9a-f]{64}, but/,
  },
  {
    title: "images in place of labels",
    words: () => train("--dataset", inFolder("mislabelled")),
    says: /labels-idx1-ubyte/,
  },
  {
    title: "fewer images than labels",
    words: () => train("--dataset", inFolder("fewer")),
    says: /holds 3 labels, but .* holds 2 images/,
  },
  {
    title: "an unknown data set",
    words: () => train("--dataset", "mnits"),
    says: /there is no data set "mnits"/,
  },
  { title: "an unsupported layer", words: () => model("resized"), says: /layer "resized"/ },
  {
    title: "images of another shape than the model's",
    words: () => model("small"),
    says: /28.*5|5.*28/,
  },
  {
    title: "corrupted weights",
    words: () => model("corrupted"),
    says: /corrupted\/model\.json: weight "[^"]+\/kernel" holds NaN at element 100/,
  },
  {
    title: "a weight file cut short",
    words: () => evaluate("cut"),
    says: /cut\/group1-shard1of1\.bin: the file has 1000 bytes, and the model's weights 437544/,
  },
  {
    title: "an empty model.json",
    words: () => evaluate("empty"),
    says: /empty\/model\.json: the file is empty/,
  },
  {
    title: "a model that is not there",
    words: () => evaluate("nowhere"),
    says: /there is no such file/,
  },
  {
    title: "an unknown option",
    words: () => train("--bath-size", "8"),
    says: /^\[hone\] cli: unknown option '--bath-size'\. Did you mean '--batch-size'\? Run "hone train --help"\.$/,
  },
  {
    title: "an unknown command",
    words: () => ["tarin"],
    says: /unknown command 'tarin'\. Did you mean 'train'\?/,
  },
  {
    title: "a batch size of 0",
    words: () => train("--batch-size", "0"),
    says: /--batch-size is '0'\. Give a whole number of at least 1/,
  },
  {
    title: "an epoch count below 0",
    words: () => train("--epochs", "-2"),
    says: /--epochs is '-2'/,
  },
  {
    title: "a learning rate that is no number",
    words: () => train("--learning-rate", "fast"),
    says: /--learning-rate is 'fast'\. Give a number above 0/,
  },
  {
    title: "an augmentation that is not understood",
    words: () => train("--augment", "shift=2,filp"),
    says: /--augment is 'shift=2,filp', and 'filp' is not understood\. Give shift=2, flip,/,
  },
  {
    title: "a shift that leaves nothing of the images",
    words: () => train("--dataset", "digits", "--augment", "shift=28"),
    says: /augment: the shift is 28, of images of 28 by 28 pixels\. Give a whole number from 0 to 27/,
  },
  {
    title: "a schedule that is none",
    words: () => train("--schedule", "one-cicle"),
    says: /--schedule is 'one-cicle'\. Did you mean 'one-cycle'\?/,
  },
  {
    title: "a learning rate that makes the loss NaN",
    words: () => train("--model", "mlp", "--dataset", "digits", "--learning-rate", "1e30"),
    says: /^\[hone\] step \d+: the (loss|gradient's norm) is NaN in epoch 1\./,
  },
  {
    title: "a results file that is a folder",
    words: () => train("--json", folder),
    says: /it is a folder/,
  },
  {
    title: "results in the place of the model",
    words: () => train("--out", inFolder("both"), "--json", inFolder("both")),
    says: /it is the folder of the model/,
  },
  {
    title: "a page in a folder that is a file",
    words: () => train("--report", path.join(inFolder("broken.png"), "run.html")),
    says: /broken\.png is a file/,
  },
  {
    title: "a page in the place of the results",
    words: () => train("--report", inFolder("one"), "--json", inFolder("one")),
    says: /--report and --json name the same file/,
  },
  {
    title: "a page in the place of the model",
    words: () => train("--report", inFolder("out/model.json"), "--out", inFolder("out")),
    says: /needs it\. Give the results another name/,
  },
  {
    title: "a page about a data set in the place of its figures",
    words: () => ["data", "explore", "--dataset", "digits", "--out", "same", "--json", "./same"],
    says: /--out and --json name the same file/,
  },
  {
    title: "no data set to explore",
    words: () => ["data", "explore"],
    says: /--dataset is missing/,
  },
  {
    title: "an output folder that is a file",
    words: () => train("--out", inFolder("broken.png")),
    says: /broken\.png is a file/,
  },
  {
    title: "an image that is none",
    words: () => ["predict", "--model", inFolder("good"), inFolder("broken.png")],
    says: /it is not a PNG image/,
  },
];

for (const { title, words, data, says } of cases) {
  test(`${title} gives one line that begins with [hone], exit code 1, and no file`, async () => {
    const before = await readdir(folder, { recursive: true });
    const env = { ...offline, ...(data && { HONE_DATA: inFolder(data) }) };
    const given = words();
    const out = given[0] === "train" && !given.includes("--out") ? ["--out", inFolder("out")] : [];
    const { code, stdout, stderr: said } = await hone.run([...given, ...out], { env });
    // A training that has begun has told on what.
    const stderr = said.replace(/^Backend .*\n/, "");
    expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }, stderr).toEqual({
      code: 1,
      stdout: "",
      lines: 1,
    });
    expect(stderr.trimEnd()).toMatch(/^\[hone\] [^:].*\.$/);
    expect(stderr.trimEnd()).toMatch(says);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });
}

test("what fails is told apart from our own mistakes, and HONE_DEBUG=1 shows where", async () => {
  const { stderr } = await hone.run(["train", "--epochs", "0"], { env: { HONE_DEBUG: "1" } });
  expect(stderr).toMatch(/^\[hone\] cli: --epochs is '0'.*\n.*HoneError.*\n +at /);
});

test("without network and cache, start says so and trains on synthetic digits", async () => {
  const cwd = inFolder("start");
  await mkdir(cwd);
  const { code, stdout, stderr } = await hone.run(["start", "--limit", "200"], {
    cwd,
    env: offline,
  });
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(
    "[hone] start: MNIST is not in the cache and cannot be downloaded; training on synthetic digits instead.\n",
  );
  expect(stdout).toMatch(/cnn +digits \(synthetic\)/);
  expect(stdout).toContain("Files      models and reports: hone-out/cnn, hone-out/mlp\n");
  expect((await readdir(path.join(cwd, "hone-out/mlp"))).sort()).toEqual(
    expect.arrayContaining(["model.json", "report.txt"]),
  );
});
