import process from "node:process";
import { fashionMnist } from "@hone/data";
import { expect, test } from "vitest";
import { exploreDataset } from "./index.js";

test("60,000 images are explored within a second of computing", async () => {
  const pair = await fashionMnist();
  // Not the clock's time, of which other processes take their part.
  const before = process.cpuUsage();
  exploreDataset(pair);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(1);
});
