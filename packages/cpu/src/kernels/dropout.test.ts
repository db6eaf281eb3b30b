import { philox } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, integers, runCall } from "../test/run-call.js";

function block(c: readonly number[], k: readonly number[]): string[] {
  const out = new Uint32Array(4);
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = c;
  philox(out, c0, c1, c2, c3, k[0] as number, k[1] as number);
  return [...out].map((word) => word.toString(16).padStart(8, "0"));
}

/** Philox 4×32-10 in 64-bit integers, straight from the paper. */
function philoxByDefinition(counter: readonly number[], key: readonly number[]): string[] {
  const mask = 0xffffffffn;
  let [x0 = 0n, x1 = 0n, x2 = 0n, x3 = 0n] = counter.map(BigInt);
  let [k0 = 0n, k1 = 0n] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const [p0, p1] = [0xd2511f53n * x0, 0xcd9e8d57n * x2];
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & mask, (p0 >> 32n) ^ x3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [x0, x1, x2, x3].map((word) => word.toString(16).padStart(8, "0"));
}

test("the generator gives the published words for counter 0 and key 0", () => {
  expect(block([0, 0, 0, 0], [0, 0])).toEqual(["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
});

test("the generator agrees with its definition in long integers", () => {
  const ones = 0xffffffff;
  for (const [counter, key] of [
    [
      [ones, ones, ones, ones],
      [ones, ones],
    ],
    [
      [1, 2, 0, 0],
      [7, 3],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
    ],
  ] as const) {
    expect(block(counter, key)).toEqual(philoxByDefinition(counter, key));
  }
});

test("Dropout keeps what the generator says and scales it by 1/(1 − rate)", async () => {
  const [size, seed, ordinal, step, rate] = [23, 12345, 3, 17, 0.3];
  const x = floats(
    [size],
    Array.from({ length: size }, (_, index) => index + 1),
  );
  const y = await runCall("Dropout", [x, integers([1], [seed])], x, {
    attributes: { rate, ordinal },
    step,
  });
  const expected = x.values.map((value, index) => {
    const words = philoxByDefinition([Math.floor(index / 4), step, 0, 0], [seed, ordinal]);
    const kept = Number.parseInt(words[index % 4] as string, 16) >>> 8 >= Math.ceil(rate * 2 ** 24);
    return kept ? value / (1 - rate) : 0;
  });
  expect(y).toEqual(expected);
  expect(y).toContain(0);
});

test("the mask is the same for the same step and another for the next", async () => {
  const x = floats([64], Array(64).fill(1));
  const mask = (step: number, seed: number) =>
    runCall("Dropout", [x, integers([1], [seed])], x, {
      attributes: { rate: 0.5, ordinal: 0 },
      step,
    });
  expect(await mask(4, 9)).toEqual(await mask(4, 9));
  expect(await mask(5, 9)).not.toEqual(await mask(4, 9));
  expect(await mask(4, -9)).not.toEqual(await mask(4, 9));
});

test("rate 0 changes nothing, and a large mask drops the share it should", async () => {
  const x = floats([40_000], Array(40_000).fill(1));
  const run = (rate: number) =>
    runCall("Dropout", [x, integers([1], [1])], x, { attributes: { rate, ordinal: 0 } });
  expect(await run(0)).toEqual(x.values);
  const dropped = (await run(0.25)).filter((value) => value === 0).length;
  expect(Math.abs(dropped / 40_000 - 0.25)).toBeLessThan(0.01);
});
