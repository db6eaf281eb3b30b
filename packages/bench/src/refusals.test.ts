/** Devices made wrong on purpose get no figures, and the reason is the true one. */
import type { Backend, Call, Device } from "@hone/core/backend";
import { mlp } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { digits } from "@hone/data";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BenchmarkRow, benchmark } from "./index.js";
import { mutant, withCalls } from "./test/mutant.js";

const data = await digits({ train: 200, test: 40 });
let reference: Device;
beforeAll(async () => {
  reference = await cpu({ precision: 64 }).open();
});
afterAll(() => reference.close());

const sampling = { seconds: 0.01, least: 3, sampleMs: 1, warmSeconds: 0.01 };
const model = [{ name: "mlp", model: mlp({ seed: 1 }) }];

async function rowsOf(backend: Backend, modes: readonly ("train" | "predict")[] = ["train"]) {
  return benchmark(model, data, {
    backends: [backend],
    reference,
    batchSizes: [16],
    modes,
    sampling,
    timeoutMs: 1500,
  });
}

const reasonOf = (row: BenchmarkRow | undefined) =>
  row?.outcome === "measured" ? "measured" : `${row?.outcome}: ${row?.reason}`;

test("a right device is measured, and says how near its answers are", async () => {
  const rows = await rowsOf(cpu({ worker: false }), ["train", "predict"]);
  expect(rows.map(reasonOf)).toEqual(["measured", "measured"]);
  for (const row of rows) {
    if (row.outcome !== "measured") throw new Error("not measured");
    expect(row.verified).toMatch(/predictions within \de-\d/);
    const [{ imagesPerSecond, step, firstStep, deviceBytes = 0 }] = row.rounds as [
      (typeof row.rounds)[0],
    ];
    expect(imagesPerSecond).toBeCloseTo((1000 * 16) / step!.p50Ms, 6);
    expect(step!.p95Ms).toBeGreaterThanOrEqual(step!.p50Ms);
    expect(step!.samples).toBeGreaterThanOrEqual(3);
    const { openMs, compileMs, stepMs, totalMs } = firstStep!;
    expect(openMs + compileMs + stepMs).toBeCloseTo(totalMs, 6);
    expect(deviceBytes).toBeGreaterThan(4 * 109_386);
  }
});

/** Zeroes what the first call that gives a gradient of a kernel gives. */
const zeroedGradient = withCalls((calls) => {
  const at = calls.findIndex(
    ({ op, attributes }) => /BatchMatMul|_FusedMatMul/.test(op) && attributes.transposeA === true,
  );
  expect(at).toBeGreaterThan(0);
  const [output] = calls[at]!.outputs as [Call["outputs"][0]];
  const zero: Call = { op: "Fill", inputs: [], outputs: [output], attributes: { value: 0 } };
  return calls.toSpliced(at, 1, zero);
});

/** Writes every square part of a weight the wrong way round. */
const transposedWeight = mutant({
  executable: (right) => ({
    write: (buffer, values) => {
      if (buffer !== "parameter:2") return right.write(buffer, values);
      const [rows, columns] = [128, 64];
      const turned = Float32Array.from(values, (_, at) => {
        return values[(at % rows) * columns + Math.floor(at / rows)] as number;
      });
      right.write(buffer, turned);
    },
  }),
});

/** Puts a bias back after every step. */
const biasNeverUpdated = mutant({
  executable: (right) => ({
    run: (entry, range) => {
      right.run(entry, range);
      if (entry.startsWith("train")) right.write("parameter:3", new Float32Array(64));
    },
  }),
});

const nanAtStepThree = mutant({
  executable: (right) => ({
    run: (entry, range) => {
      if (entry.startsWith("train") && range.first === 2) {
        right.write("parameter:5", new Float32Array(10).fill(Number.NaN));
      }
      right.run(entry, range);
    },
  }),
});

const withEpsilon = (code: unknown) => String(code).replace("constant 1e-7", "constant 0.01");

/** Right gradients, and an optimizer with another epsilon. */
const wrongUpdate = withCalls((calls) =>
  calls.map((call) =>
    call.op === "Map"
      ? { ...call, attributes: { ...call.attributes, code: withEpsilon(call.attributes.code) } }
      : call,
  ),
);

const hangInSync = mutant({ executable: () => ({ sync: () => new Promise(() => undefined) }) });

const throwInLoad = mutant({
  load: () => async () => {
    throw new Error("the shader does not compile");
  },
});

test.each([
  [
    "a zeroed gradient",
    zeroedGradient,
    /^wrong: the gradient of dense\S*\/kernel is zero everywhere in step 1/,
  ],
  ["a transposed weight", transposedWeight, /^wrong: the loss of step 1 is \d.* instead of \d/],
  ["a bias never updated", biasNeverUpdated, /^wrong: dense\S*\/bias is not updated by step 1/],
  [
    "an optimizer of its own",
    wrongUpdate,
    /^wrong: \S*kernel is wrong after step 1, by \d+\.?\d* %/,
  ],
  ["NaN at step 3", nanAtStepThree, /^wrong: the loss of step 3 is NaN/],
  ["a hang in sync", hangInSync, /^failed: sync gave no answer within 1\.5 s/],
  ["a throw in load", throwInLoad, /^failed: load threw: the shader does not compile/],
])("%s is refused with the true reason", async (_title, backend, reason) => {
  const [row] = await rowsOf(backend);
  expect(reasonOf(row)).toMatch(reason);
  expect(row).not.toHaveProperty("rounds");
});

test("a prediction of a transposed weight is refused, and one of a device that cannot load", async () => {
  expect(reasonOf((await rowsOf(transposedWeight, ["predict"]))[0])).toMatch(
    /^wrong: a prediction is 0\.\d+ instead of 0\.\d+/,
  );
  expect(reasonOf((await rowsOf(throwInLoad, ["predict"]))[0])).toMatch(
    /^failed: a prediction threw: the shader does not compile/,
  );
});

test("a loss that leaves the finite numbers while it is timed is not a figure", async () => {
  const later = mutant({
    executable: (right) => ({
      run: (entry, range) => {
        if (range.first > 5) right.write("parameter:5", new Float32Array(10).fill(Number.NaN));
        right.run(entry, range);
      },
    }),
  });
  expect(reasonOf((await rowsOf(later))[0])).toMatch(/^wrong: the loss became NaN/);
});

test("a backend that is not here, or lacks an op, cannot, and says what would help", async () => {
  const right = cpu({ worker: false });
  const absent: Backend = {
    ...right,
    probe: async () => ({ ok: false, reason: "no GPU", hint: "buy one" }),
  };
  expect((await rowsOf(absent))[0]).toMatchObject({
    outcome: "cannot",
    reason: "no GPU",
    hint: "buy one",
  });
  const lacking: Backend = {
    ...right,
    open: async () => {
      const device = await right.open();
      const ops = device.target.ops.filter((op) => op !== "GlobalNorm");
      return Object.assign(device, { target: { ...device.target, ops } });
    },
  };
  expect(reasonOf((await rowsOf(lacking))[0])).toMatch(/^cannot: the device lacks GlobalNorm\./);
});
