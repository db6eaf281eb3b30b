import "@tensorflow/tfjs-backend-cpu";
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { mlp } from "../models/index.js";
import { readWeights, writeWeights } from "./index.js";

test("weights written are read back, and tfjs keeps no tensor of ours", () => {
  const [from, to] = [mlp({ seed: 1 }), mlp({ seed: 2 })];
  const before = memory().numTensors;
  writeWeights(to, readWeights(from));
  expect(readWeights(to)).toEqual(readWeights(from));
  expect(memory().numTensors).toBe(before);
});

test("what is read is a copy", () => {
  const model = mlp();
  const [kernel] = readWeights(model);
  kernel?.fill(9);
  expect(readWeights(model)[0]?.[0]).not.toBe(9);
});

test("weights of another model are refused with both sizes, and nothing is written", () => {
  const model = mlp({ seed: 1 });
  const before = readWeights(model);
  const wrong = before.map((values) => values.map(() => 7));
  wrong[5] = new Float32Array(11);
  expect(() => writeWeights(model, wrong)).toThrow(
    /weight "dense_Dense\d+\/bias" is \[10\], 11 values/,
  );
  expect(() => writeWeights(model, wrong.slice(1))).toThrow(
    /the model has 6 weights, 5 were given/,
  );
  expect(readWeights(model)).toEqual(before);
});
