import { philox } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, integers, runCall } from "../test/run-call.js";

interface Draw {
  readonly distribution: "uniform" | "normal";
  readonly size: number;
  readonly ordinal?: number;
  readonly step?: number;
  readonly seed?: number;
  readonly precision?: 32 | 64;
}

function draw({ distribution, size, ordinal = 0, step = 0, seed = 7, ...rest }: Draw) {
  const output = floats([size], Array(size).fill(0));
  const attributes = { shape: [size], distribution, ordinal };
  return runCall("Random", [integers([1], [seed])], output, { attributes, step, ...rest });
}

/** The 24 upper bits of the word that belongs to element `index`. */
function bitsOf(index: number, step: number, seed: number, ordinal: number): number {
  const words = new Uint32Array(4);
  philox(words, Math.floor(index / 4), step, 0, 0, seed, ordinal);
  return (words[index % 4] as number) >>> 8;
}

test("uniform numbers are the upper 24 bits of the generator's words, also of an odd length", async () => {
  const [step, seed, ordinal] = [70_001, -5, 3];
  for (const size of [1, 2, 7, 33]) {
    const expected = Array.from(
      { length: size },
      (_, index) => bitsOf(index, step, seed, ordinal) / 2 ** 24,
    );
    for (const precision of [32, 64] as const) {
      const options = { distribution: "uniform", size, step, seed, ordinal, precision } as const;
      expect(await draw(options)).toEqual(expected);
    }
  }
});

test("normal numbers are those of Box and Muller: cosine, sine, cosine, sine", async () => {
  const [step, seed, ordinal] = [17, 12345, 2];
  for (const size of [1, 2, 3, 6, 41]) {
    const values = await draw({ distribution: "normal", size, step, seed, ordinal });
    for (const [index, value] of values.entries()) {
      const even = index - (index % 2);
      const first = (bitsOf(even, step, seed, ordinal) + 1) / 2 ** 24;
      const turn = bitsOf(even + 1, step, seed, ordinal) / 2 ** 24;
      const wave = index % 2 === 0 ? Math.cos(2 * Math.PI * turn) : Math.sin(2 * Math.PI * turn);
      expect(value).toBeCloseTo(Math.sqrt(-2 * Math.log(first)) * wave, 12);
    }
  }
});

test("the numbers are the same for the same seed, ordinal and step, and others for another", async () => {
  const options = { distribution: "normal", size: 8 } as const;
  const one = await draw(options);
  expect(await draw(options)).toEqual(one);
  for (const other of [{ step: 1 }, { seed: 8 }, { ordinal: 1 }]) {
    const values = await draw({ ...options, ...other });
    expect(values.filter((value, index) => value === one[index])).toEqual([]);
  }
});

const SIZE = 40_000;
const moment = (values: readonly number[], power: number) =>
  values.reduce((sum, value) => sum + value ** power, 0) / values.length;

test("many uniform numbers fill [0, 1) evenly", async () => {
  const values = await draw({ distribution: "uniform", size: SIZE });
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  // Five standard errors each: of the mean 0.289/200, of the mean square 0.298/200.
  expect(Math.abs(moment(values, 1) - 1 / 2)).toBeLessThan(0.0073);
  expect(Math.abs(moment(values, 2) - 1 / 3)).toBeLessThan(0.0075);
});

test("many normal numbers have the moments of the normal distribution, and no two neighbours agree", async () => {
  const values = await draw({ distribution: "normal", size: SIZE });
  // Five standard errors each: √(1, 2, 15, 96)/200.
  for (const [power, wanted, error] of [
    [1, 0, 0.025],
    [2, 1, 0.036],
    [3, 0, 0.097],
    [4, 3, 0.245],
  ] as const) {
    expect(Math.abs(moment(values, power) - wanted)).toBeLessThan(error);
  }
  const neighbours = values.slice(1).map((value, index) => value * (values[index] as number));
  expect(Math.abs(moment(neighbours, 1))).toBeLessThan(0.025);
});
