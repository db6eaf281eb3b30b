import { expect, test } from "vitest";
import { draws, grid } from "./candidates.js";
import { publishedSpaces, type SearchSpace } from "./space.js";

const ranged: SearchSpace = {
  model: "cnn",
  parameters: {
    filters: { from: 4, to: 6, scale: "linear" },
    learningRate: { from: 1e-4, to: 1e-2, scale: "log" },
    dropout: [0, 0.5],
  },
};

test("the grid has every point once, the last parameter turning fastest", () => {
  const points = grid(publishedSpaces.cnn, "space");
  expect(points).toHaveLength(16);
  expect(points.slice(0, 3)).toEqual([
    { filters: 32, kernelSize: 3, dropout: 0, learningRate: 1e-3 },
    { filters: 32, kernelSize: 3, dropout: 0, learningRate: 1e-4 },
    { filters: 32, kernelSize: 3, dropout: 0.5, learningRate: 1e-3 },
  ]);
  expect(points[15]).toEqual({ filters: 64, kernelSize: 5, dropout: 0.5, learningRate: 1e-4 });
  expect(Object.keys(points[0]!)).toEqual(["filters", "kernelSize", "dropout", "learningRate"]);
  expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(16);
  expect(grid(publishedSpaces.mlp, "space")).toHaveLength(8);
});

test("a grid needs lists, and not too many points", () => {
  expect(() => grid(ranged, "space")).toThrow(/"filters" is a range/);
  const many = Array.from({ length: 400 }, (_, index) => index + 1);
  const large: SearchSpace = { model: "cnn", parameters: { filters: many, batchSize: many } };
  expect(() => grid(large, "space")).toThrow(/160000 points/);
});

test("draws depend on the seed alone, and more of them begin with the same ones", () => {
  const ten = draws(ranged, 10, 7, "space");
  expect(draws(ranged, 10, 7, "space")).toEqual(ten);
  expect(draws(ranged, 4, 7, "space")).toEqual(ten.slice(0, 4));
  expect(draws(ranged, 10, 8, "space")).not.toEqual(ten);
  const some = draws(publishedSpaces.cnn, 5, 7, "space");
  expect(draws(publishedSpaces.cnn, 16, 7, "space").slice(0, 5)).toEqual(some);
});

test("a space of lists is drawn without repetition, and only as often as it has points", () => {
  const all = draws(publishedSpaces.mlp, 8, 3, "space").map((point) => JSON.stringify(point));
  expect(new Set(all).size).toBe(8);
  expect(() => draws(publishedSpaces.mlp, 9, 3, "space")).toThrow(
    /8 points, and --trials asks for 9/,
  );
});

test("ranges are drawn evenly on their scale, within their ends, whole where they must be", () => {
  const drawn = draws(ranged, 3000, 1, "space");
  const rates = drawn.map(({ learningRate }) => learningRate as number);
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
  expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
  // Half of a log range lies below its geometric mean: 1500 of 3000, give or take 4 standard deviations.
  expect(Math.abs(rates.filter((rate) => rate < 1e-3).length - 1500)).toBeLessThan(110);
  for (const filters of [4, 5, 6]) {
    const count = drawn.filter((point) => point.filters === filters).length;
    expect(Math.abs(count - 1000)).toBeLessThan(104);
  }
  expect(rates.every((rate) => rate === Number(rate.toPrecision(6)))).toBe(true);
});
