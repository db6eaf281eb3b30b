import { createModel } from "@hone/core/models";
import { expect, test } from "vitest";
import { siteModelFiles } from "../../../../scripts/site.mjs";
import { drawWeight } from "./draw-weights.ts";
import { MODEL_NAMES } from "./open-site-model.ts";

test("first weights are the bits that the zoo's models have from the same seed", async () => {
  const told = JSON.parse(`${(await siteModelFiles())["models.json"]}`);
  for (const name of MODEL_NAMES) {
    const model = createModel(name, { seed: 7 });
    const { weights } = told[name];
    expect(weights).toHaveLength(model.weights.length);
    for (const [at, weight] of model.weights.entries()) {
      const spec = weights[at];
      const drawn = drawWeight(spec, 7);
      expect(drawn, `${name} ${spec.label}`).toEqual(Float32Array.from(weight.read().dataSync()));
    }
  }
});
