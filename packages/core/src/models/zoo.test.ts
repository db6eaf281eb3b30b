import "@tensorflow/tfjs-backend-cpu";
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { checkedSchedule } from "../run/schedule.js";
import { capturedWeights, traceModel } from "../trace/index.js";
import { cnn, cnnCompact, createModel, mlp, trainOptions, zoo } from "./index.js";

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

test("every model of the zoo is traced, with its published settings at hand", () => {
  for (const { create, defaults } of Object.values(zoo)) {
    const model = create({ seed: 3 });
    const before = memory().numTensors;
    const traced = traceModel(model);
    expect(memory().numTensors).toBe(before);
    expect(traced.outputs.map(({ shape }) => shape)).toEqual([[10]]);
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

test("every model of the zoo tells as many classes apart as it is asked to", () => {
  for (const [name, { create }] of Object.entries(zoo)) {
    expect(create({ classes: 4 }).outputs[0]?.shape, name).toEqual([null, 4]);
    expect(createModel(name, { classes: 12 }).outputs[0]?.shape, name).toEqual([null, 12]);
    expect(create().outputs[0]?.shape, name).toEqual([null, 10]);
  }
  expect(() => cnn({ classes: 1 })).toThrow(/\[hone\] model classes: they are 1\. /);
});

test("an unknown name or seed is refused with what is there", () => {
  expect(() => createModel("resnet")).toThrow(/no model "resnet"\. Use one of cnn, cnn-tuned/);
  expect(() => cnn({ seed: -1 })).toThrow(/\[hone\] model seed: it is -1/);
});
