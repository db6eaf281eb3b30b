/** How many dispatches a training step takes on a real GPU, each with what it has to wait for. */
import type { DeviceInfo } from "@hone/core/backend";
import { adam, atBatch, captureModel, planEntry, trainingStep } from "@hone/core/internals";
import { createModel, type ModelName } from "@hone/core/models";
import { expect, test } from "vitest";
import { REST_BYTES } from "./device.js";
import type { LoweredEntry } from "./dispatch.js";
import { lowering } from "./lowering.js";

const BATCH = 64;

/** A dispatch of a step, by its launches' ops and layers, and what it waits for. */
type Reasons = readonly (readonly [dispatch: string, reason: string])[];

const begin: Reasons = [
  ["GatherRows + GatherRows + ReadSchedule", "rows and the step's rates wait for nothing"],
];

const judging: Reasons = [
  ["Softmax dense + SoftmaxCrossEntropy + SoftmaxCrossEntropyGrad", "the last layer's results"],
  ["RowMap + CountCorrect + Sum dense", "losses, outputs and gradients of all rows"],
  [
    "Concat + BatchMatMul dense",
    "the count; the last gradient, which the sum's bindings leave no room for",
  ],
];

const end: Reasons = [
  ["GlobalNorm + Map", "all gradients; the optimizer, over all parameters at once"],
  ["GlobalNorm", "the norm's parts"],
  ["RecordStep", "the norm"],
];

const steps: Partial<Record<ModelName, Reasons>> = {
  cnn: [
    ...begin,
    ["FusedConv2DMaxPool conv2d", "the images; bias, relu and pool go with it"],
    ["FusedConv2DMaxPool conv2d", "what all channels before it are"],
    ["_FusedMatMul dense", "all of a row"],
    ["_FusedMatMul dense", "all of a row"],
    ...judging,
    [
      "BatchMatMul dense + ColumnMap dense",
      "the gradient through relu needs the one of the dispatch before",
    ],
    ["BatchMatMul dense + BatchMatMul dense", "the gradient through relu"],
    [
      "FusedConv2DMaxPoolBackpropFilter conv2d + FusedConv2DMaxPoolBackpropInput conv2d",
      "the dense layer's gradient; of winners alone, the filter's in parts",
    ],
    [
      "FusedConv2DMaxPoolBackpropFilter conv2d + FusedConv2DMaxPoolBackpropFilter conv2d",
      "those parts; the first layer's waits for the second's",
    ],
    ["FusedConv2DMaxPoolBackpropFilter conv2d", "the first layer's parts"],
    ...end,
  ],
  mlp: [
    ...begin,
    ["_FusedMatMul dense", "all of a row"],
    ["Dropout dropout", "the layer before; draws a mask"],
    ["_FusedMatMul dense", "all of a row"],
    ["_FusedMatMul dense", "all of a row"],
    ...judging,
    [
      "BatchMatMul dense + ColumnMap dense",
      "the gradient through relu needs the one of the dispatch before",
    ],
    ["BatchMatMul dense + BatchMatMul dense", "the gradient through relu"],
    ["Dropout dropout", "the gradient before; draws the mask again"],
    ["ColumnMap dense", "the gradient through the mask"],
    ["BatchMatMul dense", "the gradient through relu"],
    ...end,
  ],
};

/** The op of each launch, and the kind of its layer. */
const nameOf = (label: string) =>
  label
    .split(" + ")
    .map((one) => one.replace(/ of ([a-z0-9]+)_.*/, " $1"))
    .join(" + ");

async function dispatchesOf(name: ModelName): Promise<string[]> {
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
  const room = { alignmentBytes: 256, maxBlockBytes: 2 ** 30, restBytes: REST_BYTES } as const;
  const target = { ops, ...room, precision: 32 } as const;
  const gpu = { backend: "webgpu", kind: "gpu" } as DeviceInfo;
  const lowered = await lower(planEntry(`train@${BATCH}`, graph, target), gpu);
  return (lowered as LoweredEntry).dispatches.map(({ label }) => nameOf(label));
}

test.each(Object.entries(steps))(
  "a training step of the %s takes these dispatches and no more",
  async (name, reasons) => {
    console.log(name, (await dispatchesOf(name as ModelName)).join("\n"));
    expect(await dispatchesOf(name as ModelName)).toEqual(reasons.map(([dispatch]) => dispatch));
  },
);
