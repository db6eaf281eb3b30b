/** The zoo beyond small pictures: a step of each on cpu and wasm, beside the reference and beside stock tfjs. */
import "@tensorflow/tfjs-backend-cpu";
import type { Device } from "@hone/core";
import { zoo } from "@hone/core/models";
import { cpu } from "@hone/cpu";
import { wasm } from "@hone/wasm";
import { train } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portNames, stepFaults, type Values } from "./against-tfjs/test/harness.js";
import { zooCaseCheck } from "./models/model-checks.js";
import { MNIST_NAMES } from "./models/trainee.js";
import type { TrainingColumn } from "./models/trainer.js";
import { ZOO_CASE_NAMES, zooCaseRows, zooCaseStill } from "./models/zoo-cases.js";
import { SuiteContext } from "./run-conformance.js";

const ROWS = 9;
const BATCH = 8;

test("every model of the zoo has a case", () => {
  expect([...MNIST_NAMES, ...ZOO_CASE_NAMES].sort()).toEqual(Object.keys(zoo).sort());
});

/** Where it may take long, on the slower backend as well. */
const backends = [wasm({ threads: 1 }), ...(process.env.HONE_SOAK ? [cpu({ worker: false })] : [])];

describe.each(backends)("on $name", (backend) => {
  const context = new SuiteContext(backend, {});
  afterAll(() => context.close());
  test.each(ZOO_CASE_NAMES)("every gradient of a small %s is the reference's", async (name) => {
    await zooCaseCheck(name).run(context);
  });
});

// What the vae draws are Hone's numbers; its layers are compared where they draw none.
const COMPARED = ZOO_CASE_NAMES.filter((name) => name !== "vae");

describe("beside tfjs", () => {
  let device: Device;
  beforeAll(async () => {
    device = await wasm({ threads: 1 }).open();
  });
  afterAll(() => device.close());

  const valuesOf = ({ rowShape, data }: TrainingColumn) =>
    ({ shape: rowShape, data }) as unknown as Values;

  test.each(COMPARED)("a small %s takes tfjs's step", async (name) => {
    const model = zooCaseStill(name);
    const { inputs, labels } = zooCaseRows(name, model, ROWS);
    const names = portNames(model);
    const named = (ports: readonly string[], columns: readonly TrainingColumn[]) =>
      Object.fromEntries(ports.map((port, at) => [port, valuesOf(columns[at] as TrainingColumn)]));
    const rivalry = {
      model,
      rows: ROWS,
      x: named(names.inputs, inputs),
      y: named(names.outputs, labels),
      tfjs: { optimizer: train.sgd(0.1), loss: zoo[name].task.loss as string },
      hone: { metrics: [] },
    };
    expect(await stepFaults([device], rivalry, { batch: BATCH, steps: 1 })).toEqual([]);
  });
});
