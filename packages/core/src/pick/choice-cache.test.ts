import "@tensorflow/tfjs-backend-cpu";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { choiceKey, memoryStore, recall, remember } from "./choice-cache.js";

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

test("a kept choice that is damaged at any place is none, whatever stands there", async () => {
  const info = {
    backend: "cpu",
    description: "one",
    kind: "cpu",
    numerics: "f32",
    threads: 1,
  } as const;
  const target = {
    specVersion: 1,
    alignmentBytes: 4,
    precision: 32,
    ops: ["Add"],
    maxBlockBytes: 9,
  } as const;
  const figures = { openMs: 1, compileMs: 2, totalMs: 3 };
  const candidates = [{ name: "cpu", outcome: "chosen", reason: "alone", figures } as const];
  const parts = { name: "cpu", info, target, local: true, why: "alone", candidates };
  const choice = { madeMs: Date.now() - 1000, ...parts };
  const store = memoryStore();
  await remember(store, "whole", choice);
  expect(await recall(store, "whole")).toEqual(choice);
  const places: (readonly (string | number)[])[] = [
    ...Object.keys(choice).map((name) => [name]),
    ...["backend", "description", "kind", "numerics", "threads"].map((name) => ["info", name]),
    ...["alignmentBytes", "precision", "ops", "maxBlockBytes"].map((name) => ["target", name]),
    ...["name", "outcome", "reason"].map((name) => ["candidates", 0, name]),
  ];
  for (const place of places) {
    for (const wrong of [null, {}, [1], -1]) {
      const damaged = structuredClone(choice) as Record<string | number, unknown>;
      const last = place.at(-1) as string;
      const parent = place.slice(0, -1).reduce((at, name) => at[name] as typeof at, damaged);
      parent[last] = wrong;
      await store.setItem("damaged", JSON.stringify(damaged));
      expect(await recall(store, "damaged"), `${place.join(".")} ${wrong}`).toBeUndefined();
    }
  }
  for (const text of ["", "{", "null", "[]", "7", '"text"']) {
    await store.setItem("none", text);
    expect(await recall(store, "none"), text).toBeUndefined();
  }
});
