import { type PlainDataset, validateDataset } from "@hone/core";
import { expect, test } from "vitest";
import { digits } from "./digits.js";

const PIXELS = 784;

/** Accuracy on `held` of the label of the nearest training image. */
function nearestNeighbour(train: PlainDataset, held: PlainDataset): number {
  const [known, asked] = [train.columns.x.data, held.columns.x.data];
  let right = 0;
  for (let row = 0; row < held.rows; row++) {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (let other = 0; other < train.rows; other++) {
      let distance = 0;
      for (let pixel = 0; pixel < PIXELS && distance < least; pixel++) {
        const value = known[other * PIXELS + pixel] as number;
        distance += (value - (asked[row * PIXELS + pixel] as number)) ** 2;
      }
      if (distance < least) [nearest, least] = [other, distance];
    }
    if (train.columns.y.data[nearest] === held.columns.y.data[row]) right++;
  }
  return right / held.rows;
}

test("the digits are marked synthetic and balanced", async () => {
  const { train, test: held } = await digits();
  for (const [set, rows] of [
    [train, 6000],
    [held, 1000],
  ] as const) {
    validateDataset(set);
    expect(set).toMatchObject({ rows, synthetic: true });
    const counts = new Array<number>(10).fill(0);
    for (const label of set.columns.y.data) counts[label] = (counts[label] as number) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(rows / 15);
    let ink = 0;
    for (const value of set.columns.x.data) ink += value / 255 / set.columns.x.data.length;
    expect(ink).toBeGreaterThan(0.05);
    expect(ink).toBeLessThan(0.25);
  }
});

test("the digits can be told apart, and not too easily", async () => {
  const { train, test: held } = await digits({ train: 3000, test: 300 });
  const accuracy = nearestNeighbour(train, held);
  expect(accuracy).toBeGreaterThan(0.7);
  expect(accuracy).toBeLessThan(1);
});

test("a seed fixes every image, a smaller set begins a larger one, and seeds and parts differ", async () => {
  const small = await digits({ seed: 5, train: 30, test: 30 });
  const large = await digits({ seed: 5, train: 60, test: 40 });
  const other = await digits({ seed: 6, train: 30, test: 30 });
  const pixels = (set: PlainDataset) => set.columns.x.data;
  expect(pixels(large.train).subarray(0, 30 * PIXELS)).toEqual(pixels(small.train));
  expect(pixels(large.test).subarray(0, 30 * PIXELS)).toEqual(pixels(small.test));
  expect(pixels(other.train)).not.toEqual(pixels(small.train));
  expect(pixels(small.test)).not.toEqual(pixels(small.train));
});

test("counts and seeds out of range are refused", async () => {
  for (const options of [{ train: 0 }, { test: 1.5 }, { seed: -1 }, { seed: Number.NaN }]) {
    await expect(digits(options)).rejects.toThrow(
      /^\[hone\] digits: (train|test|seed) is .+ whole number/,
    );
  }
});

test("while the digits are drawn, other tasks of the thread have their turns", async () => {
  let turns = 0;
  const counting = setInterval(() => turns++);
  await digits();
  clearInterval(counting);
  expect(turns).toBeGreaterThan(3);
});
