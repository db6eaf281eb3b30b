import { expect, test } from "vitest";
import type { Result } from "./heats.js";
import { readRecord, recordText } from "./result-link.js";
import { headline, placed, ratioText } from "./standings.js";

const timed = (contender: Result["contender"], perSecond: number): Result => ({
  heat: "cnn-train",
  contender,
  outcome: { kind: "timed", perSecond, device: "größe", error: 1e-6 },
});
const results: readonly Result[] = [
  timed("tfjs-webgpu", 1000),
  { heat: "cnn-train", contender: "tfjs-wasm", outcome: { kind: "cannot", reason: "no kernel" } },
  timed("hone-wasm", 3100),
  timed("tfjs-cpu", 50),
];

test("a link holds a race and gives it back", () => {
  const record = { atMs: 1_700_000_000_000, machine: "Chrome on 2 processors", results };
  const text = recordText(record);
  expect(encodeURIComponent(text)).toBe(text);
  expect(readRecord(text)).toEqual(record);
});

test("what is no race is none, whatever it is", () => {
  const packed = (value: unknown) => btoa(JSON.stringify(value));
  for (const text of [
    undefined,
    "",
    "%%%",
    packed(7),
    packed([2, 1, "m", []]),
    packed([1, "now", "m", []]),
    packed([1, 1, "m", [[9, 0, 5, 0, "d"]]]),
    packed([1, 1, "m", [[0, 0, -5, 0, "d"]]]),
    packed([1, 1, "m", [[0, 0, "won", "d"]]]),
    packed([1, 1, "m".repeat(999), []]),
    packed([1, 1, "m", Array(99).fill([0, 0, 5, 0, "d"])]),
  ]) {
    expect(readRecord(text)).toBeUndefined();
  }
});

test("the fastest stands first, those without a time last, and ratios are words", () => {
  const rows = placed(results, "cnn-train");
  expect(rows.map(({ result }) => result.contender)).toEqual([
    "hone-wasm",
    "tfjs-webgpu",
    "tfjs-cpu",
    "tfjs-wasm",
  ]);
  expect(rows.map(({ words }) => words)).toEqual([
    "3.1 times tfjs-webgpu",
    "the fastest of tfjs",
    "5 % of tfjs-webgpu",
    "cannot: no kernel",
  ]);
  expect(headline(results, "cnn-train")).toBe(
    "Hone, WebAssembly does 3.1 times tfjs-webgpu, the fastest of tfjs here.",
  );
  expect(headline(results, "mlp-train")).toBe("");
  expect(ratioText(12.4, "tfjs-cpu")).toBe("12 times tfjs-cpu");
});
