import { wasm } from "@hone/wasm";
import { afterAll, expect, test } from "vitest";
import { solveGrid, walk } from "./dqn.mjs";
import { trainGan } from "./gan.mjs";

const soak = process.env.HONE_SOAK === "1";
const device = await wasm().open();
afterAll(() => device.close());

test("the walker learns the shortest way around the holes", async () => {
  const way = await solveGrid({ device });
  expect(way).toHaveLength(9);
  expect(way.at(-1)).toBe(24);
  expect(walk(23, 1)).toEqual({ to: 24, reward: 1, going: 0 });
});

test(`${soak ? 2000 : 60} steps of both networks keep finite losses, and the pictures differ`, async () => {
  const { losses, pictures } = await trainGan({ device, steps: soak ? 2000 : 60, samples: 4 });
  for (const list of Object.values(losses)) expect(list.every(Number.isFinite)).toBe(true);
  const [first, second] = [pictures.slice(0, 784), pictures.slice(784, 1568)];
  expect(first).not.toEqual(second);
  expect(Math.min(...pictures)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...pictures)).toBeLessThanOrEqual(1);
});
