import { expect, test } from "vitest";
import { augmentText, readAugment } from "./augment-option.js";

const read = (text?: string) =>
  readAugment({ operands: [], options: new Map(text === undefined ? [] : [["augment", text]]) });

test.each([
  ["shift=2", { shift: 2, flip: false }],
  ["flip", { shift: 0, flip: true }],
  ["shift=1,flip", { shift: 1, flip: true }],
  ["flip,shift=10", { shift: 10, flip: true }],
  ["none", "none"],
  [undefined, undefined],
])("--augment %s is read", (text, wanted) => {
  expect(read(text)).toEqual(wanted);
});

test.each([
  "",
  "shift",
  "shift=",
  "shift=-1",
  "shift=1.5",
  "shift=1,shift=2",
  "flip,flip",
  "flip=1",
])("--augment '%s' is refused, with what would be right", (text) => {
  expect(() => read(text)).toThrow(/--augment is '.*is not understood\. Give shift=2, flip/);
});

test("an augmentation is told as it would be asked for", () => {
  for (const text of ["shift=2", "flip", "shift=1,flip"]) {
    const augment = read(text);
    expect(typeof augment === "object" && augmentText(augment)).toBe(text);
  }
  expect(augmentText({ shift: 0, flip: false })).toBe("none");
});
