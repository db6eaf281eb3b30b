import "@tensorflow/tfjs-backend-cpu";
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { checkedSchedule } from "../run/schedule.js";
import { capturedWeights, traceModel } from "../trace/index.js";
import { loadParts } from "../trace/on-demand.js";
import {
  cnn,
  cnnCompact,
  createModel,
  mlp,
  modelFitting,
  taskData,
  trainOptions,
  zoo,
} from "./index.js";

test("the cnn has 113,386 parameters and the mlp 109,386", () => {
  expect(cnn().countParams()).toBe(113_386);
  expect(mlp().countParams()).toBe(109_386);
});

test("the tuned models are the wider ones", () => {
  expect(createModel("cnn-tuned").countParams()).toBe(1664 + 102_464 + 131_200 + 1290);
  expect(createModel("mlp-tuned").countParams()).toBe(200_960 + 32_896 + 1290);
});

test("parts of a network are options, and a rate of 0 leaves no dropout layer", () => {
  expect(cnn({ filters: 64, kernelSize: 5, dropout: 0.5 }).countParams()).toBe(
    createModel("cnn-tuned").countParams(),
  );
  expect(mlp({ units: [256, 128] }).countParams()).toBe(createModel("mlp-tuned").countParams());
  expect(mlp().layers.length - mlp({ dropout: 0 }).layers.length).toBe(1);
});

test("a seed fixes the weights, and another seed gives others", () => {
  const [a, b, other] = [cnn({ seed: 7 }), cnn({ seed: 7 }), cnn({ seed: 8 })].map((model) =>
    capturedWeights(model).readAll(),
  );
  expect(a).toEqual(b);
  expect(other?.[0]).not.toEqual(a?.[0]);
  expect(new Set(a?.map((values) => values[0])).size).toBeGreaterThan(4);
});

test("kernels lie within Glorot's limit and biases are zero", () => {
  const [kernel, bias] = capturedWeights(mlp({ seed: 1 })).readAll();
  const limit = Math.sqrt(6 / (784 + 128));
  const largest = Math.max(...Array.from(kernel ?? [], Math.abs));
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(limit * 0.99);
  expect(bias?.every((value) => value === 0)).toBe(true);
});

/** What takes long at the published size. */
const SMALL: Readonly<Record<string, object>> = {
  mobilenet: { size: 32, alpha: 0.25 },
  "mobilenet-v2": { size: 32, alpha: 0.35 },
  resnet: { size: 16 },
  unet: { size: 16 },
};

test("every model of the zoo is traced, with its published settings at hand", async () => {
  await loadParts();
  for (const [name, { create, defaults, task }] of Object.entries(zoo)) {
    const model = create({ seed: 3, ...SMALL[name] });
    const before = memory().numTensors;
    const traced = traceModel(model);
    expect(memory().numTensors).toBe(before);
    const names = traced.outputs.map((output) => output.name);
    expect(typeof task.loss === "string" ? [...names] : Object.keys(task.loss)).toEqual(names);
    expect(traced.warnings).toEqual([]);
    // What a normalisation keeps of the batches it saw is not learnt.
    const still = traced.weights.filter(({ trainable }) => !trainable);
    expect(still.every(({ label }) => /moving_(mean|variance)/.test(label))).toBe(true);
    expect(defaults.optimizer.learningRate).toBe(defaults.learningRate);
  }
});

test("the study's models train ten epochs of batches of 64, without schedule or augmentation", () => {
  for (const name of ["cnn", "cnn-tuned", "mlp", "mlp-tuned"] as const) {
    expect(trainOptions(zoo[name].defaults, "mnist")).toEqual({ epochs: 10, batchSize: 64 });
  }
});

test("the fast model's steps are fixed: whole epochs of whole batches of 60,000 images", () => {
  expect(createModel("mnist-fast").countParams()).toBe(160 + 4640 + 65_664 + 1290);
  const { epochs, batchSize } = zoo["mnist-fast"].defaults;
  expect(epochs * Math.ceil(60_000 / batchSize)).toBe(938);
});

test("the compact cnn has 140,458 parameters, at most 150,000, and no bias where a normalisation follows", () => {
  const model = cnnCompact();
  expect(model.countParams()).toBe(140_458);
  const convolutions = model.layers.filter((layer) => layer.getClassName() === "Conv2D");
  expect(convolutions.map(({ weights }) => weights.length)).toEqual([1, 1, 1, 1, 1, 1]);
});

test("an entry's schedule spans the epochs asked for, and its augmentation depends on the data", () => {
  const { defaults } = zoo["cnn-compact"];
  const { learningRate, ...others } = trainOptions(defaults, "fashion-mnist", 3);
  expect(others).toEqual({ epochs: 3, batchSize: 64, augment: { shift: 1, flip: true } });
  const rate = checkedSchedule(learningRate);
  const rates = Array.from({ length: 30 }, (_, step) => rate(step, 10));
  expect(Math.max(...rates)).toBe(defaults.learningRate);
  expect(rates[29]).toBeLessThan(1e-3 * defaults.learningRate);
  expect(trainOptions(defaults, "mnist").augment?.flip).toBe(false);
  expect(trainOptions(defaults, "toString").augment).toBeUndefined();
});

test("what tells classes apart tells as many as it is asked to", () => {
  for (const [name, { create, task }] of Object.entries(zoo)) {
    if (task.loss !== "sparseCategoricalCrossentropy" || name === "gpt") continue;
    const last = (options: object) =>
      create({ ...SMALL[name], ...options }).outputs[0]?.shape.at(-1);
    expect([last({ classes: 4 }), last({ classes: 12 }), last({})], name).toEqual([4, 12, 10]);
    expect(() => create({ classes: 1 }), name).toThrow(/\[hone\] model classes: they are 1\. /);
  }
});

test("MobileNets have the published numbers of parameters, and a ResNet 20 layers", () => {
  const imageNet = { classes: 1000, size: 224 };
  expect(createModel("mobilenet", imageNet).countParams()).toBe(4_253_864);
  expect(createModel("mobilenet", { ...imageNet, alpha: 0.25 }).countParams()).toBe(475_544);
  expect(createModel("mobilenet-v2", imageNet).countParams()).toBe(3_538_984);
  const layers = createModel("resnet").layers.map((layer) => layer.getClassName());
  // Beside those that widen what goes across.
  expect(layers.filter((name) => name === "Conv2D" || name === "Dense").length).toBe(20 + 2);
});

test("of a frozen MobileNet only the classifier trains, and its normalisations stand still", () => {
  const model = createModel("mobilenet", { ...SMALL.mobilenet, frozen: true });
  expect(model.trainableWeights.map(({ shape }) => shape)).toEqual([[256, 10], [10]]);
  const names = new Set(model.layers.map((layer) => layer.getClassName()));
  expect(names.has("HoneFixedBatchNormalization")).toBe(true);
  expect(names.has("BatchNormalization")).toBe(false);
});

const column = (shape: number[], data: Uint8Array | Int32Array | Float32Array) => ({
  data,
  shape,
  scale: 1,
  offset: 0,
});

test("a model takes the rows of its data", () => {
  const texts = {
    name: "texts",
    rows: 2,
    columns: {
      x: column([3], Int32Array.of(4, 0, 2, 1, 1, 3)),
      y: column([], Uint8Array.of(0, 1)),
    },
    classNames: ["no", "yes", "maybe"],
  };
  const model = modelFitting("lstm-text", texts, { units: 4 });
  expect(model.inputs[0]?.shape).toEqual([null, 3]);
  expect(model.outputs[0]?.shape).toEqual([null, 3]);
  expect(model.layers[1]?.getConfig()).toMatchObject({ inputDim: 5 });
  expect(() => modelFitting("unet", texts)).toThrow(
    'data set "texts": its rows are [3], and the model takes pictures, of rank 2 or 3.',
  );
});

test("an autoencoder's labels are its pictures, and a variational one's divergence shall be 0", () => {
  const x = column([4, 4], new Uint8Array(32).fill(7));
  const data = { name: "d", rows: 2, columns: { x, y: column([], new Uint8Array(2)) } };
  const plain = taskData(zoo.autoencoder.task, data);
  expect([plain.labels, plain.columns.y]).toEqual([["y"], { ...x, shape: [4, 4, 1] }]);
  const both = taskData(zoo.vae.task, data);
  expect(Object.keys(both.columns)).toEqual(["x", "decoded", "divergence"]);
  expect(both.columns.divergence).toEqual(column([1], new Uint8Array(2)));
  expect(taskData(zoo.cnn.task, data)).toBe(data);
});

test("an unknown name or seed is refused with what is there", () => {
  expect(() => createModel("vgg")).toThrow(/no model "vgg"\. Use one of cnn, cnn-tuned/);
  expect(() => createModel("resnet", { alpha: 2 })).toThrow(/resnet: there is no option "alpha"/);
  expect(() => createModel("unet", { size: 20 })).toThrow(/unet: size is .* multiples of 8/);
  expect(() => cnn({ seed: -1 })).toThrow(/\[hone\] model seed: it is -1/);
});
