import { expect, test } from "vitest";
import { configurationText, publishedSpaces, readSpace } from "./space.js";

const read = (value: unknown) => readSpace(JSON.stringify(value), "space.json");
const withParameters = (parameters: unknown, model = "cnn") => read({ model, parameters });

test("a space is read as it stands, lists and ranges", () => {
  expect(
    withParameters({ learningRate: { from: 1e-4, to: 1e-2, scale: "log" }, filters: [8] }),
  ).toEqual({
    model: "cnn",
    parameters: { learningRate: { from: 1e-4, to: 1e-2, scale: "log" }, filters: [8] },
  });
  const units = { units: [[128, 64]], dropout: { from: 0, to: 0.5 } };
  expect(withParameters(units, "mlp").parameters).toEqual({
    units: [[128, 64]],
    dropout: { from: 0, to: 0.5, scale: "linear" },
  });
  for (const space of Object.values(publishedSpaces)) expect(read(space)).toEqual(space);
});

test.each<[string, unknown, RegExp]>([
  ["a list", [1], /it holds a list\. Give/],
  ["a field of its own", { model: "cnn", parameters: {}, epochs: 3 }, /a field "epochs"/],
  ["no model", { parameters: { filters: [1] } }, /"model" is missing\. Give "cnn" or "mlp"/],
  ["another model", { model: "rnn" }, /"model" is "rnn"/],
  ["no parameters", { model: "mlp" }, /"parameters" is missing/],
  ["empty parameters", { model: "mlp", parameters: {} }, /"parameters" is empty/],
  ["parameters of null", { model: "mlp", parameters: null }, /"parameters" is null/],
])("a space with %s is refused", (_, value, says) => {
  expect(() => read(value)).toThrow(says);
});

test.each<[string, unknown, RegExp]>([
  [
    "a misspelt name",
    { learning_rate: [1] },
    /cnn has no parameter "learning_rate"\. Did you mean "learningRate"\?/,
  ],
  ["a name of every object", { toString: [1] }, /no parameter "toString"/],
  ["a parameter of the other model", { units: [[1, 2]] }, /cnn has no parameter "units"/],
  ["an empty list", { filters: [] }, /"filters" is an empty list/],
  ["a lone number", { filters: 32 }, /"filters" is a number\. Give a list of choices/],
  [
    "a fraction of a filter",
    { filters: [1.5] },
    /"filters" holds 1\.5\. Give whole numbers from 1 to 1024/,
  ],
  ["text", { filters: ["32"] }, /"filters" holds "32"/],
  ["a kernel that no image is left for", { kernelSize: [10] }, /from 1 to 9/],
  ["a dropout of 1", { dropout: [1] }, /"dropout" holds 1\. Give numbers from 0 to below 1/],
  ["a learning rate of 0", { learningRate: [0] }, /numbers above 0/],
  ["a choice twice", { dropout: [0.5, 0, 0.5] }, /"dropout" holds 0\.5 twice/],
  ["a range without an end", { dropout: { from: 0 } }, /"to" of "dropout" is missing/],
  ["a range beyond the bounds", { filters: { from: 0, to: 8 } }, /"from" of "filters" is 0/],
  ["a range that falls", { dropout: { from: 0.5, to: 0.1 } }, /goes from 0\.5 to 0\.1/],
  [
    "an unknown scale",
    { dropout: { from: 0, to: 0.5, scale: "ln" } },
    /"scale" of "dropout" is "ln"/,
  ],
  ["a log scale from 0", { dropout: { from: 0, to: 0.5, scale: "log" } }, /from 0 on a log scale/],
  ["a range with a step", { filters: { from: 1, to: 8, step: 2 } }, /a field "step"/],
])("%s is refused, by name", (_, parameters, says) => {
  expect(() => withParameters(parameters)).toThrow(says);
  expect(() => withParameters(parameters)).toThrow(/^\[hone\] space\.json: .*\.$/);
});

test("units take pairs, and no range", () => {
  expect(() => withParameters({ units: [128] }, "mlp")).toThrow(
    /"units" holds 128\. Give pairs of/,
  );
  expect(() => withParameters({ units: [[128, 64, 32]] }, "mlp")).toThrow(/\[128,64,32\]/);
  expect(() => withParameters({ units: { from: 1, to: 9 } }, "mlp")).toThrow(
    /takes a list of pairs/,
  );
});

test("a file that is no JSON is refused with the reason", () => {
  expect(() => readSpace("{", "space.json")).toThrow(/space\.json: it is not JSON: .+\. Give/);
});

test("a configuration reads as a person would say it", () => {
  expect(configurationText({ units: [128, 64], kernelSize: 3, learningRate: 1e-4 })).toBe(
    "units 128-64, kernel size 3, learning rate 0.0001",
  );
});
