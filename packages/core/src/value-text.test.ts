import { expect, test } from "vitest";
import { contentText, valueText } from "./value-text.js";

test("values are named shortly, however long they are", () => {
  expect(valueText("adam")).toBe('"adam"');
  expect(valueText("x".repeat(10_000))).toHaveLength(203);
  expect(contentText({ a: 1, b: 2 })).toBe("an object with a, b");
  const names = Array.from({ length: 1000 }, (_, index) => [`name${index}`, 0]);
  expect(contentText(Object.fromEntries(names)).length).toBeLessThan(230);
  expect(valueText(() => 1)).toBe("function (anonymous)");
});
