import { expect, test } from "vitest";
import { contentInTurns, contentOf } from "./content.js";

const setOf = (data: Uint8Array) => ({
  name: "bytes",
  rows: data.length,
  columns: { x: { data, shape: [], scale: 1, offset: 0 } },
});

test("a change of any byte changes the number, which is the same at once and in turns", async () => {
  // Longer than two pieces, and no whole number of words.
  const data = new Uint8Array(2 ** 21 + 7).map((_, at) => (at * 7919) >> 3);
  const whole = contentOf(setOf(data));
  expect(await contentInTurns(setOf(data))).toBe(whole);
  expect(contentOf(setOf(data.slice()))).toBe(whole);
  for (const at of [0, 5, 2 ** 20 - 1, 2 ** 20, 2 ** 21, 2 ** 21 + 6]) {
    const changed = data.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(contentOf(setOf(changed)), `byte ${at}`).not.toBe(whole);
  }
  // Not at the boundary of a word.
  expect(contentOf(setOf(data.subarray(1, 9)))).not.toBe(contentOf(setOf(data.subarray(2, 10))));
});
