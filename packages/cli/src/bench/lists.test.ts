import { expect, test } from "vitest";
import { readChoices, readNumbers, readWords } from "./lists.js";

const given = (options: Record<string, string>) => ({
  options: new Map(Object.entries(options)),
  operands: [],
});

test("words stand between commas, each once", () => {
  expect(readWords(given({ model: "cnn, mlp,,cnn" }), "model")).toEqual(["cnn", "mlp"]);
  expect(readWords(given({}), "model")).toBeUndefined();
});

test("the first bad value of a list is named alone", () => {
  const range = { least: 1, whole: true };
  expect(readNumbers(given({ "batch-size": "64,256" }), "batch-size", range)).toEqual([64, 256]);
  expect(() => readNumbers(given({ "batch-size": "64,0" }), "batch-size", range)).toThrow(
    /--batch-size is '0'\. Give a whole number/,
  );
  expect(() => readChoices(given({ mode: "train,prdict" }), "mode", ["train", "predict"])).toThrow(
    /--mode is 'prdict'\. Did you mean 'predict'\?/,
  );
});
