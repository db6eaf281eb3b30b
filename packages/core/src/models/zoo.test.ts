import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { readWeights, traceModel } from "../trace/index.js";
import { cnn, createModel, mlp, zoo } from "./index.js";

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
  const [a, b, other] = [cnn({ seed: 7 }), cnn({ seed: 7 }), cnn({ seed: 8 })].map(readWeights);
  expect(a).toEqual(b);
  expect(other?.[0]).not.toEqual(a?.[0]);
  expect(new Set(a?.map((values) => values[0])).size).toBeGreaterThan(4);
});

test("kernels lie within Glorot's limit and biases are zero", () => {
  const [kernel, bias] = readWeights(mlp({ seed: 1 }));
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
    expect(traced.outputShape).toEqual([10]);
    expect(traced.warnings).toEqual([]);
    expect(traced.weights.every(({ trainable }) => trainable)).toBe(true);
    expect(defaults).toMatchObject({ batchSize: 64, epochs: 10 });
    expect(defaults.optimizer.learningRate).toBe(defaults.learningRate);
  }
});

test("an unknown name or seed is refused with what is there", () => {
  expect(() => createModel("resnet")).toThrow(/no model "resnet"\. Use one of cnn, cnn-tuned/);
  expect(() => cnn({ seed: -1 })).toThrow(/\[hone\] model seed: it is -1/);
});
