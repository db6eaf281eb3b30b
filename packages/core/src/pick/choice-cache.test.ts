import "@tensorflow/tfjs-backend-cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { choiceKey } from "./choice-cache.js";

/** A model whose weights all have one shape, with one of them frozen, or none. */
function keyWith(frozen?: number): string | undefined {
  const model = sequential({ layers: [layers.batchNormalization({ inputShape: [4] })] });
  if (frozen !== undefined) Object.assign(model.weights[frozen] ?? {}, { trainable: false });
  const use = { mode: "train", batchSize: 8, steps: 10, latency: false };
  return choiceKey({ model, backends: ["cpu"], settings: {}, use });
}

test("a choice is remembered for the weights that train, and not only for how many", () => {
  expect(keyWith()).toBe(keyWith());
  expect(new Set([undefined, 0, 1].map(keyWith)).size).toBe(3);
});
