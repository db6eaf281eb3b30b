import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "../test/build.js";

let hone: BuiltCommand;
let folder = "";
beforeAll(async () => {
  hone = await buildCommand();
  folder = await mkdtemp(path.join(os.tmpdir(), "hone-bench-"));
});
afterAll(async () => {
  await hone?.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Timed {
  readonly flops: number;
  readonly microsecondsPerStep: number;
  readonly gflopsPerSecond: number | null;
  readonly ofCalibration: number | null;
  readonly share: number;
  readonly kernels: readonly { readonly kernel: string; readonly microseconds: number }[];
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

test.each([
  ["wasm", "train", /^_FusedMatMul +dense\S* +\[64,128\] .*productByPanels/m],
  ["wasm", "predict", /^_FusedMatMul +dense\S* +\[64,128\] .*productByPanels/m],
  ["cpu", "train", /^Map .*Map \d/m],
])(
  "on %s every call of a step to %s has a time, every call that computes a rate, and sums agree",
  async (backend, mode, line) => {
    const json = path.join(folder, `${backend}-${mode}.json`);
    const words = ["bench", "--kernels", "--model", "mlp", "--rounds", "1", "--json", json];
    const { code, stdout, stderr } = await hone.run([
      ...words,
      ...["--backend", backend, "--mode", mode, "--threads", "1"],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report).toMatchObject({ model: "mlp", dataset: "digits", mode, backend, batchSize: 64 });
    const calls = report.calls as readonly Timed[];
    for (const call of calls) {
      expect(call.microsecondsPerStep).toBeGreaterThanOrEqual(0);
      const kernels = total(call.kernels.map(({ microseconds }) => microseconds));
      expect(kernels).toBeCloseTo(call.microsecondsPerStep, 6);
      const rated = [call.gflopsPerSecond, call.ofCalibration].map((rate) => (rate ?? 0) > 0);
      expect(rated).toEqual([call.flops > 0, call.flops > 0]);
    }
    const step = report.microsecondsPerStep;
    expect(total(calls.map((call) => call.microsecondsPerStep))).toBeCloseTo(step, 6);
    expect(total(calls.map(({ share }) => share))).toBeCloseTo(1, 6);
    expect(report.imagesPerSecond).toBeCloseTo((64 * 1e6) / step, 3);
    expect(total(calls.map(({ flops }) => flops))).toBe(report.flops);
    expect(report.calibration.gflopsPerSecond).toHaveLength(1);
    expect(report.calibration.median).toBeGreaterThan(0);

    expect(stdout).toMatch(line);
    const table = stdout.split("\n\n")[1]!.split("\n");
    expect(table).toHaveLength(calls.length + 2);
    expect(stdout).toMatch(/^Total +.* µs a step, .* images per second, /m);
    expect(stdout).toContain(`\nFiles      ${json}\n`);
  },
);

const kernels = (...words: string[]) => ["bench", "--kernels", "--model", "mlp", ...words];

test.each([
  ["an unknown mode", kernels("--mode", "trian"), /--mode is 'trian'\. Did you mean 'train'\?/],
  ["an unknown backend", kernels("--backend", "gpu"), /--backend is 'gpu'\..* Choose .*wasm, cpu/],
  ["no rounds", kernels("--rounds", "0"), /--rounds is '0'\. Give a whole number of at least 1/],
  ["half a batch", kernels("--batch-size", "0.5"), /--batch-size is '0\.5'/],
  ["a batch larger than the data", kernels("--batch-size", "6001"), /6001, and .* has 6000 rows/],
  ["an unknown option", kernels("--epoch", "1"), /unknown option '--epoch'/],
  ["an option of comparisons", kernels("--epochs", "1"), /'--epochs' does not go with --kernels/],
  ["an unknown model", ["bench", "--kernels", "--model", "mpl"], /'mpl'\. Did you mean 'mlp'\?/],
  ["a file that is a folder", kernels("--json", os.tmpdir()), /it is a folder/],
])("%s gives one line that says what is right, and no file", async (_title, words, says) => {
  const before = await readdir(folder);
  const { code, stdout, stderr } = await hone.run([...words, "--threads", "1"], { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\[hone\] [^:].*\.\n$/);
  expect(stderr).toMatch(says);
  expect(await readdir(folder)).toEqual(before);
});
