import "@tensorflow/tfjs-backend-cpu";
import { train } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { mlp } from "../models/index.js";
import { readCompiledSettings } from "./index.js";

type CompileArguments = Parameters<ReturnType<typeof mlp>["compile"]>[0];

function settingsOf(compiled: CompileArguments) {
  const model = mlp();
  model.compile(compiled);
  return readCompiledSettings(model);
}

test("a model that is not compiled brings nothing", () => {
  expect(readCompiledSettings(mlp())).toEqual({});
});

test("optimizer, loss and metrics are read", () => {
  const loss = "sparseCategoricalCrossentropy";
  expect(settingsOf({ optimizer: "adam", loss, metrics: ["accuracy"] })).toEqual({
    optimizer: { kind: "adam", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    loss,
    metrics: ["accuracy"],
  });
  expect(settingsOf({ optimizer: train.sgd(0.2), loss: [loss], metrics: "acc" })).toEqual({
    optimizer: { kind: "sgd", learningRate: 0.2 },
    loss: [loss],
    metrics: "acc",
  });
  expect(
    settingsOf({ optimizer: train.momentum(0.1, 0.8, true), loss: "meanSquaredError" }),
  ).toEqual({
    optimizer: { kind: "momentum", learningRate: 0.1, momentum: 0.8, useNesterov: true },
    loss: "meanSquaredError",
  });
});

test("adam keeps its own figures", () => {
  const loss = "meanSquaredError";
  const { optimizer } = settingsOf({ optimizer: train.adam(0.01, 0.8, 0.99, 1e-5), loss });
  expect(optimizer).toMatchObject({ learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-5 });
});

test("a loss function is handed on as it is, and a name as a name", () => {
  const loss: CompileArguments["loss"] = (_labels, output) => output;
  expect(settingsOf({ optimizer: "sgd", loss }).loss).toBe(loss);
  expect(settingsOf({ optimizer: "sgd", loss: "hinge" }).loss).toBe("hinge");
});

test("an optimizer that is not wanted is not read", () => {
  const loss = "meanSquaredError";
  const model = mlp();
  model.compile({ optimizer: "rmsprop", loss });
  const wanted = { optimizer: false, loss: true, metrics: true };
  expect(readCompiledSettings(model, wanted)).toEqual({ loss });
  expect(readCompiledSettings(model, { ...wanted, loss: false })).toEqual({});
});
