import { expect, test } from "vitest";
import {
  type CommandSpec,
  nearest,
  parseCommandLine,
  readChoice,
  readNumber,
} from "./arguments.js";

const command: CommandSpec = {
  name: "train",
  summary: "",
  description: "",
  options: [
    { name: "epochs", value: "N", help: "" },
    { name: "out", value: "DIR", help: "" },
    { name: "each", help: "" },
  ],
};
const parse = (...words: string[]) => parseCommandLine(command, words);
const numberOf = (text: string, range: Parameters<typeof readNumber>[2]) =>
  readNumber(parse("--epochs", text), "epochs", range);

test("options are read with their values, in either spelling, the last one counting", () => {
  const { options } = parse("--epochs=3", "--out", "a b", "--each", "--epochs", "4");
  expect([...options]).toEqual([
    ["epochs", "4"],
    ["out", "a b"],
    ["each", ""],
  ]);
});

test.each([
  [
    ["--epoch", "3"],
    "unknown option '--epoch'. Did you mean '--epochs'? Run \"hone train --help\".",
  ],
  [["--foo"], "unknown option '--foo'. Run \"hone train --help\"."],
  [["--no-each"], "unknown option '--no-each'. Run \"hone train --help\"."],
  [["-e"], "unknown option '-e'."],
  [["--epochs"], "'--epochs' needs a value (N)."],
  [["--out", "--each"], "'--out' needs a value (DIR)."],
  [["--out="], "'--out' needs a value (DIR)."],
  [["--each=1"], "'--each' takes no value, and was given '1'."],
  [["mnist"], "unexpected 'mnist'."],
  [["--", "--epochs"], "unexpected '--epochs'."],
] as const)("%j is refused, and the line says what to do", (words, says) => {
  expect(() => parse(...words)).toThrow(says);
});

test.each([
  "0",
  "-1",
  "1.5",
  "",
  " 1",
  "1x",
  "0x10",
  "NaN",
  "Infinity",
  "1e999",
  "9007199254740993",
])("'%s' is no whole number of at least 1", (text) => {
  expect(() => numberOf(text, { least: 1, whole: true })).toThrow(/^\[hone\] cli: /);
});

test("numbers are read as written, and ranges may leave out their ends", () => {
  expect(numberOf("64", { least: 1, whole: true })).toBe(64);
  expect(numberOf("1e-3", { least: 0, open: "least" })).toBe(0.001);
  expect(numberOf(".5", { least: 0, most: 1, open: "most" })).toBe(0.5);
  expect(numberOf("0", { least: 0, most: 1, open: "most" })).toBe(0);
  expect(() => numberOf("1", { least: 0, most: 1, open: "most" })).toThrow(
    "--epochs is '1'. Give a number of at least 0 and below 1.",
  );
  expect(() => numberOf("0", { least: 0, open: "least" })).toThrow("Give a number above 0.");
  expect(readNumber(parse(), "epochs", { least: 1 })).toBeUndefined();
});

test("a choice is one of its words, and a near miss is recognised", () => {
  const choice = (text: string) => readChoice(parse("--out", text), "out", ["wasm", "webgpu"]);
  expect(choice("wasm")).toBe("wasm");
  expect(() => choice("wams")).toThrow(
    "--out is 'wams'. Did you mean 'wasm'? Choose wasm, webgpu.",
  );
  expect(() => choice("metal")).toThrow("--out is 'metal'. Choose wasm, webgpu.");
});

test("the nearest word is suggested only when it is near", () => {
  const words = ["train", "evaluate", "data fetch"];
  expect(nearest("trian", words)).toBe("train");
  expect(nearest("data fecht", words)).toBe("data fetch");
  expect(nearest("eval", words)).toBeUndefined();
  expect(nearest("", words)).toBeUndefined();
});
