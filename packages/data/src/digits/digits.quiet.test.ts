import { expect, test } from "vitest";
import { digits } from "./digits.js";

test("the digits are drawn in under two seconds", async () => {
  const started = performance.now();
  await digits();
  expect(performance.now() - started).toBeLessThan(2000);
});
