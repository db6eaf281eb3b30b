import { expect, test } from "vitest";
import { HoneError } from "./errors.js";
import { visibleLines, visibleText } from "./visible-text.js";

const hostile = [
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\r",
  "\b",
  "\u0000",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u200e",
  "\u2028",
  "\u200b",
  "\ufeff",
  "\u{e0041}",
  "\ud800",
];

test("nothing that moves a cursor or turns text round passes, and JSON means the same after it", () => {
  for (const text of hostile) {
    const shown = visibleLines(`a${text}b`);
    expect(shown).toMatch(/^a\\u[0-9a-f]{4}.*b$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800]/);
    const json = JSON.stringify({ [text]: text });
    expect(JSON.parse(visibleLines(json))).toEqual({ [text]: text });
  }
});

test("letters of all languages, emoji of several parts and lines stay as they are", () => {
  for (const text of [
    "Größe – 10 %",
    "日本語",
    "שלום",
    "हिन्दी",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "می‌خواهم",
    "a\n\tb",
  ]) {
    expect(visibleLines(text)).toBe(text);
  }
});

test("a name stays in its line", () => {
  expect(visibleText("a\nb\tc")).toBe("a\\u000ab\\u0009c");
});

test("an error's message shows what a name in it hides", () => {
  const error = new HoneError("BadData", "file\u001b[2J", "it has \u202e.");
  expect(error.message).toBe("[hone] file\\u001b[2J: it has \\u202e.");
  expect(new HoneError("BadData", "x", "no\n  JSON.").message).toBe("[hone] x: no JSON.");
});
