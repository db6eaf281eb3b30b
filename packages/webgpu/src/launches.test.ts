/** How many launches a training step takes on a real GPU, each with the reason why it is one of its own. */
import type { DeviceInfo } from "@hone/core/backend";
import { adam, atBatch, captureModel, planEntry, trainingStep } from "@hone/core/internals";
import { createModel, type ModelName } from "@hone/core/models";
import { expect, test } from "vitest";
import type { LoweredEntry } from "./dispatch.js";
import { lowering } from "./lowering.js";

const BATCH = 64;

/** A launch of a step, by its op and layer, and what it has to wait for or why nothing takes it along. */
type Reasons = readonly (readonly [launch: string, reason: string])[];

const begin: Reasons = [
  ["GatherRows", "images: what all waits for"],
  ["GatherRows", "labels: of another type and column"],
  ["ReadSchedule", "the step's row of the schedule"],
];

const judging: Reasons = [
  ["Softmax dense", "the outputs, which accuracy is counted of"],
  ["SoftmaxCrossEntropy", "each row's loss"],
  ["RowMap", "the mean, over rows that other workgroups made"],
  ["CountCorrect", "over all rows"],
  ["Concat", "right answers, beside"],
  ["Concat", "how many there were"],
  ["SoftmaxCrossEntropyGrad", "the gradient of each row"],
];

const end: Reasons = [
  ["GlobalNorm", "of all gradients, in parts"],
  ["GlobalNorm", "the parts' sum, which waits for all of them"],
  ["RecordStep", "norm and figures"],
  ["Map", "the optimizer, over all parameters at once"],
];

const dense = (activated: boolean, inner: boolean): Reasons => [
  activated
    ? ["ColumnMap dense", "the gradient through relu, and its sums, the bias's"]
    : ["Sum dense", "the bias's gradient"],
  ...(inner ? ([["BatchMatMul dense", "the input's gradient"]] as const) : []),
  ["BatchMatMul dense", "the kernel's gradient"],
];

const steps: Partial<Record<ModelName, Reasons>> = {
  cnn: [
    ...begin,
    ["FusedConv2DMaxPool conv2d", "reads the images; bias, relu and pool go with it"],
    ["FusedConv2DMaxPool conv2d", "reads what all channels before it are"],
    ["_FusedMatMul dense", "reads all of a row"],
    ["_FusedMatMul dense", "reads all of a row"],
    ...judging,
    ...dense(false, true),
    ...dense(true, true),
    ["FusedConv2DMaxPoolBackpropFilter conv2d", "filter and bias, of winners alone, in parts"],
    ["FusedConv2DMaxPoolBackpropFilter conv2d", "the parts' sums, which wait for all of them"],
    ["FusedConv2DMaxPoolBackpropInput conv2d", "the input's gradient, of winners alone"],
    ["FusedConv2DMaxPoolBackpropFilter conv2d", "filter and bias, of winners alone, in parts"],
    ["FusedConv2DMaxPoolBackpropFilter conv2d", "the parts' sums, which wait for all of them"],
    ...end,
  ],
  mlp: [
    ...begin,
    ["_FusedMatMul dense", "reads all of a row"],
    ["Dropout dropout", "draws a mask"],
    ["_FusedMatMul dense", "reads all of a row"],
    ["_FusedMatMul dense", "reads all of a row"],
    ...judging,
    ...dense(false, true),
    ...dense(true, true),
    ["Dropout dropout", "draws the mask again"],
    ...dense(true, false),
    ...end,
  ],
};

/** The op of a launch, and the kind of its layer. */
const nameOf = (label: string) => label.replace(/ of ([a-z0-9]+)_.*/, " $1");

async function launchesOf(name: ModelName): Promise<string[]> {
  const loss = "sparseCategoricalCrossentropy";
  const { traced, setup } = captureModel(createModel(name, { seed: 7 }), {
    loss,
    optimizer: adam(),
  });
  const model = atBatch(traced.training, BATCH);
  const [input, output] = [model.inputs[0]?.name ?? "", model.outputs[0]?.name ?? ""];
  const bytes = { dtype: "uint8", offset: 0 } as const;
  const graph = trainingStep(model, {
    terms: setup.terms,
    optimizer: setup.optimizer,
    stride: BATCH,
    orderCapacity: BATCH,
    scheduleCapacity: 1,
    data: {
      columns: {
        x: { ...bytes, rowShape: [28, 28, 1], scale: 1 / 255 },
        y: { ...bytes, rowShape: [], scale: 1 },
      },
      inputs: { [input]: "x" },
      labels: { [output]: "y" },
    },
  });
  const { ops, lower } = lowering();
  const target = { ops, alignmentBytes: 256, maxBlockBytes: 2 ** 30, precision: 32 } as const;
  const gpu = { backend: "webgpu", kind: "gpu" } as DeviceInfo;
  const lowered = await lower(planEntry(`train@${BATCH}`, graph, target), gpu);
  return (lowered as LoweredEntry).dispatches.map(({ label }) => nameOf(label));
}

test.each(Object.entries(steps))(
  "a training step of the %s takes these launches and no more",
  async (name, reasons) => {
    expect(await launchesOf(name as ModelName)).toEqual(reasons.map(([launch]) => launch));
  },
);
