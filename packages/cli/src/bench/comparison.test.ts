/** `hone bench` as a person runs it, on digits and tiny sizes. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { digits } from "@hone/data";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand, bundlePackage } from "../test/build.js";
import type { BenchmarkRecord } from "./comparison.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-comparison-"));
  await writeDigits(path.join(folder, "drawn"));
  await bundlePackage("cpu", path.join(folder, "cpu"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Drawn once, not by every row's process. */
async function writeDigits(place: string): Promise<void> {
  const { train, test: tested } = await digits({ train: 400, test: 100 });
  await mkdir(place);
  const parts = { train, t10k: tested };
  for (const [part, { rows, columns }] of Object.entries(parts)) {
    const { x, y } = columns;
    const images = idx([rows, 28, 28], x.data as Uint8Array);
    await writeFile(path.join(place, `${part}-images-idx3-ubyte`), images);
    await writeFile(
      path.join(place, `${part}-labels-idx1-ubyte`),
      idx([rows], Uint8Array.from(y.data)),
    );
  }
}

function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(8 * 256 + shape.length, 0);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, data]);
}

const small = ["bench", "--quick", "--dataset", "./drawn", "--batch-size", "20"];

async function recordOf(file: string): Promise<BenchmarkRecord> {
  return JSON.parse(await readFile(file, "utf8")) as BenchmarkRecord;
}

/** A module that exports a cpu backend changed by statements about `program` or, once loaded, `executable`. */
async function adapter(
  name: string,
  change: { readonly program?: string; readonly executable?: string },
): Promise<string> {
  const file = path.join(folder, `${name}.mjs`);
  const code = `
    import { cpu } from "./cpu/index.mjs";
    const right = cpu({ worker: false });
    const open = async () => {
      const device = await right.open();
      const load = device.load.bind(device);
      device.load = async (program) => {
        ${change.program ?? ""}
        const executable = await load(program);
        const { run, write } = Object.getPrototypeOf(executable);
        ${change.executable ?? ""}
        return executable;
      };
      return device;
    };
    export default { ...right, open };`;
  await writeFile(file, code);
  return file;
}

test("rows are measured in turns, told as a table, a file and a page", async () => {
  const json = path.join(folder, "figures.json");
  const report = path.join(folder, "page.html");
  const words = ["--model", "mlp", "--mode", "train", "--backend", "wasm,cpu"];
  const files = ["--rounds", "2", "--epochs", "1", "--json", json, "--report", report];
  const { code, stdout, stderr } = await hone.run([...small, ...words, ...files], { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr.match(/mlp on \w+/g)?.map((text) => text.slice(7))).toEqual([
    "wasm",
    "cpu",
    "cpu",
    "wasm",
  ]);
  const { kind, complete, rows, machine } = await recordOf(json);
  expect({ kind, complete }).toEqual({ kind: "benchmark", complete: true });
  expect(machine.cores).toBeGreaterThan(0);
  expect(rows.map(({ engine }) => engine)).toEqual(["wasm", "cpu"]);
  for (const row of rows) {
    if (row.outcome !== "measured") throw new Error(JSON.stringify(row));
    expect(row.rounds).toHaveLength(2);
    expect(row.summary?.processBytes?.median).toBeGreaterThan(5e7);
    expect(row.rounds.map(({ epochSeconds }) => epochSeconds?.length)).toEqual([1, 1]);
  }
  expect(stdout).toMatch(/^train mlp +20 +wasm +[\d,]+ /m);
  expect(stdout).toContain(`\nFiles      figures: ${json}; page: ${report}\n`);
  expect(await readFile(report, "utf8")).toMatch(/^<!doctype html>.*Train mlp, batch 20/s);
});

test("adapters made wrong on purpose are refused with the true reason, and the rest goes on", async () => {
  const backends = await Promise.all([
    adapter("zeroed-gradient", {
      program: `program = structuredClone(program);
        for (const { calls } of program.entries) {
          const call = calls.find(({ attributes }) => attributes.transposeA === true);
          if (call) Object.assign(call, { op: "Fill", inputs: [], attributes: { value: 0 } });
        }`,
    }),
    adapter("transposed-weight", {
      executable: `executable.write = (buffer, values) => {
          const at = (index) => values[(index % 128) * 64 + Math.floor(index / 128)];
          const turned = buffer === "parameter:2" ? values.map((_, index) => at(index)) : values;
          write.call(executable, buffer, turned);
        };`,
    }),
    adapter("bias-never-updated", {
      executable: `executable.run = (entry, range) => {
          run.call(executable, entry, range);
          if (entry.startsWith("train")) executable.write("parameter:3", new Float32Array(64));
        };`,
    }),
    adapter("nan-at-step-3", {
      executable: `executable.run = (entry, range) => {
          const nan = new Float32Array(10).fill(Number.NaN);
          if (entry.startsWith("train") && range.first === 2) executable.write("parameter:5", nan);
          run.call(executable, entry, range);
        };`,
    }),
    adapter("hang-in-sync", { executable: "executable.sync = () => new Promise(() => {});" }),
    adapter("endless-loop", { executable: "executable.sync = () => { for (;;); };" }),
    adapter("throw-in-load", { program: 'throw new Error("out of registers");' }),
    adapter("crash", { program: "process.abort();" }),
  ]);
  const json = path.join(folder, "refused.json");
  const words = ["--model", "mlp", "--mode", "train", "--timeout", "2", "--json", json];
  const list = [...backends, "cpu"].join(",");
  const { code } = await hone.run([...small, ...words, "--backend", list], { cwd: folder });
  expect(code).toBe(0);
  const { rows } = await recordOf(json);
  const told = rows.map((row) => [
    row.engine,
    row.outcome === "measured" ? "measured" : `${row.outcome}: ${row.reason}`,
  ]);
  const saying = (text: RegExp) => expect.stringMatching(text);
  expect(told).toEqual([
    ["zeroed-gradient", saying(/^wrong: the gradient of dense\w*\/kernel is zero everywhere/)],
    ["transposed-weight", saying(/^wrong: the loss of step 1 is \d.* instead of \d/)],
    ["bias-never-updated", saying(/^wrong: dense\w*\/bias is not updated by step 1/)],
    ["nan-at-step-3", "wrong: the loss of step 3 is NaN"],
    ["hang-in-sync", "failed: sync gave no answer within 2 s"],
    ["endless-loop", "failed: it said nothing for 4 s, and was ended"],
    ["throw-in-load", "failed: load threw: out of registers"],
    ["crash", saying(/^failed: its process ended with (SIGABRT|code 134)/)],
    ["cpu", "measured"],
  ]);
});

test("an interrupt ends the rows' processes and keeps the finished ones", async () => {
  const json = path.join(folder, "interrupted.json");
  const words = ["--model", "mlp", "--mode", "train", "--backend", "cpu", "--rounds", "500"];
  let asked = false;
  const { code, stderr } = await hone.run([...small, ...words, "--json", json], {
    cwd: folder,
    onOutput: (output, child) => {
      if (asked || !/^2\/500 /m.test(output)) return;
      asked = true;
      child.kill("SIGINT");
    },
  });
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /interrupted after \d+ runs?\. The rows finished so far are in .*\.json\.\n$/,
  );
  const { complete, rows } = await recordOf(json);
  expect(complete).toBe(false);
  expect(rows).toMatchObject([{ engine: "cpu", outcome: "measured" }]);
});

test("rows of a file may be other programs, whose row is what they print", async () => {
  const file = path.join(folder, "rows.json");
  const program = path.join(folder, "rival.mjs");
  const row = { outcome: "measured", verified: "by itself", rounds: [{ imagesPerSecond: 7 }] };
  await writeFile(program, `console.log(${JSON.stringify(JSON.stringify({ row }))});`);
  const printing = (text: string) => [process.execPath, "-e", `console.log('${text}')`];
  const empty = '{"row":{"outcome":"measured","verified":"","rounds":[]}}';
  const task = { mode: "predict", model: "mlp", batchSize: 20 };
  const rows = [
    { backend: "cpu", latency: true, ...task },
    { engine: "rival", variant: "1 thread", ...task, command: [process.execPath, program] },
    { engine: "absent", ...task, command: [process.execPath, "/no/such/rival.mjs"] },
    { engine: "empty", ...task, command: printing(empty) },
    { engine: "null", ...task, command: printing('{"row":null}') },
  ];
  await writeFile(file, JSON.stringify(rows));
  const words = ["bench", "--quick", "--dataset", "./drawn", "--rows", file];
  const { code, stdout } = await hone.run(words, { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^predict mlp +20 +rival, 1 thread +7/m);
  expect(stdout).toMatch(/^predict mlp +20 +cpu, latency +[\d,]+ /m);
  expect(stdout).toMatch(/absent: failed: its process ended with code 1: .*Cannot find module/);
  expect(stdout).toMatch(
    /empty: failed: what it printed is no row: \{"row":\{"outcome":"measured"/,
  );
  expect(stdout).toMatch(/null: failed: what it printed is no row: \{"row":null\}/);
});

test("a comparison in which no row has figures is an error, after all else was told", async () => {
  const file = path.join(folder, "absent.json");
  const json = path.join(folder, "absent-figures.json");
  const task = { mode: "predict", model: "mlp", batchSize: 20 };
  const command = [process.execPath, "/no/such/rival.mjs"];
  await writeFile(file, JSON.stringify([{ engine: "absent", ...task, command }]));
  const words = ["bench", "--quick", "--dataset", "./drawn", "--rows", file, "--json", json];
  const { code, stdout, stderr } = await hone.run(words, { cwd: folder });
  expect(code).toBe(1);
  expect(stdout).toMatch(/Cannot find module/);
  expect(stderr).toMatch(/\n\[hone\] bench: no row has figures \(1 failed\); the table says why\./);
  expect(await recordOf(json)).toMatchObject({ complete: true, rows: [{ outcome: "failed" }] });
});

const bad: [string, string[], RegExp][] = [
  ["an unknown backend", ["--backend", "wsam"], /--backend is 'wsam'\. Did you mean 'wasm'\?/],
  ["a module that is not there", ["--backend", "./none.mjs"], /none\.mjs: there is no such file/],
  ["an unknown mode", ["--mode", "fly"], /--mode is 'fly'.*Choose train, predict/],
  ["half a batch", ["--batch-size", "64,0.5"], /--batch-size is '0\.5'/],
  ["a model that is not there", ["--model", "mpl"], /'mpl'\. Did you mean 'mlp'\?/],
  ["a file that is a folder", ["--report", os.tmpdir()], /it is a folder/],
  ["one file for both", ["--json", "a", "--report", "./a"], /name the same file/],
  [
    "rows beside models",
    ["--rows", "x.json", "--model", "cnn"],
    /'--model' does not go with --rows/,
  ],
  ["a list of rows that is none", ["--rows", "package.json"], /there is no such file/],
];

test.each(bad)("%s gives one line that says what is right, and no file", async (_, words, says) => {
  const before = await readdir(folder);
  const given = ["bench", "--dataset", "./drawn", ...words];
  const { code, stdout, stderr } = await hone.run(given, { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\[hone\] [^:].*\.\n$/);
  expect(stderr).toMatch(says);
  expect(await readdir(folder)).toEqual(before);
});
