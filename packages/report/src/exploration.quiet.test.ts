import { mnist } from "@hone/data";
import { expect, test } from "vitest";
import { exploreDataset } from "./index.js";

test("60,000 images are explored within a second", async () => {
  const pair = await mnist();
  exploreDataset(pair);
  const started = performance.now();
  exploreDataset(pair);
  expect(performance.now() - started).toBeLessThan(1000);
});
