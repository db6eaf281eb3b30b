// Registers a backend for the models of the tests.
import "@tensorflow/tfjs-backend-cpu";
import "@hone/core/models";
import { digits } from "@hone/data";
import { input, layers, model, type SymbolicTensor, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { checkInputs, judgingFor } from "./judging-option.js";

const { train: data } = await digits({ train: 4, test: 1 });
const command = { name: "train" };

/** Pictures flattened, and a layer of so many units for each output. */
function heads(units: Readonly<Record<string, number>>, activation?: "softmax" | "linear") {
  const pixels = input({ shape: [28, 28], name: "pixels" });
  const flat = layers.flatten({ name: "flat" }).apply(pixels) as SymbolicTensor;
  const outputs = Object.entries(units).map(
    ([name, units]) =>
      layers
        .dense({ units, name, ...(activation && { activation }) })
        .apply(flat) as SymbolicTensor,
  );
  return model({ inputs: pixels, outputs });
}

test("labels belong to the output with as many units as there are classes, and only that is judged", () => {
  expect(judgingFor(command, heads({ age: 1, kind: 10 }, "softmax"), data)).toEqual({
    loss: { kind: "sparseCategoricalCrossentropy" },
    metrics: { kind: ["acc"] },
  });
  const choice = { loss: "meanSquaredError", metrics: ["mae", "mse"] };
  expect(judgingFor(command, heads({ age: 1, kind: 10 }), data, choice)).toEqual({
    loss: { kind: "meanSquaredError" },
    metrics: { kind: ["mae", "mse"] },
  });
});

test("an output that fits no more than another is asked for by name, and one that is not there refused", () => {
  const twins = heads({ left: 10, right: 10 }, "softmax");
  expect(() => judgingFor(command, twins, data)).toThrow(
    '[hone] cli: the model has outputs left, right, of which several have the 10 units that the data\'s labels want. Say which they are of: --output NAME. Run "hone train --help".',
  );
  expect(judgingFor(command, twins, data, { output: "right" })).toMatchObject({
    loss: { right: "sparseCategoricalCrossentropy" },
  });
  twins.setUserDefinedMetadata({ classOutput: "left" });
  expect(judgingFor(command, twins, data).loss).toHaveProperty("left");
  expect(() => judgingFor(command, heads({ left: 3, right: 4 }), data)).toThrow(
    /of which none has/,
  );
  expect(() => judgingFor(command, twins, data, { output: "rigth" })).toThrow(
    "the model's outputs are left, right; none is called 'rigth'. Did you mean 'right'?",
  );
  expect(() => judgingFor(command, heads({ few: 4, more: 2 }), data, { output: "few" })).toThrow(
    "it has 10 classes, but the model tells 4 apart",
  );
  expect(() => judgingFor(command, heads({ age: 1, kind: 10 }), data)).toThrow(
    'output "kind" does not end in softmax, so its loss must be said: --loss NAME.',
  );
});

test("a model of one output keeps its own settings, and one of one-hot rows its loss under the other name", () => {
  const plain = () =>
    sequential({
      layers: [layers.flatten({ inputShape: [28, 28] }), layers.dense({ units: 10, name: "out" })],
    });
  expect(judgingFor(command, plain(), data)).toEqual({});
  const compiled = plain();
  compiled.compile({ optimizer: "sgd", loss: "categoricalCrossentropy" });
  expect(judgingFor(command, compiled, data)).toEqual({ loss: "sparseCategoricalCrossentropy" });
  const several = heads({ age: 1, kind: 10 });
  several.compile({ optimizer: "sgd", loss: { age: "meanSquaredError", kind: "hinge" } });
  expect(judgingFor(command, several, data).loss).toEqual({ kind: "hinge" });
  expect(judgingFor(command, plain(), data, { output: "out" })).toEqual({});
});

test("a model of several inputs is refused by their names, one of a Sequential is not", () => {
  const [a, b] = [input({ shape: [2], name: "a" }), input({ shape: [2], name: "b" })] as const;
  const sum = layers.add().apply([a, b]) as SymbolicTensor;
  expect(() => checkInputs(model({ inputs: [a, b], outputs: sum }), "place")).toThrow(
    "[hone] place: the model takes 2 inputs (a, b), and the command line has pictures alone to give. Use the library, which takes data by name: dataset({ x: { a, b }, y }).",
  );
  checkInputs(sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] }), "place");
});
