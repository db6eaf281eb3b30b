import { createModel, zoo } from "@hone/core/models";
import { digits } from "@hone/data";
import { fileStem } from "@hone/report";
import { expect, test } from "vitest";
import {
  buildNetwork,
  multiplications,
  studyModel,
  studyModelNames,
  variantsOf,
} from "./study-models.js";
import { describeData, planRuns, runName } from "./study-plan.js";

test("the study's models are those of the zoo, layer for layer, at their published rates", () => {
  for (const name of studyModelNames) {
    const { network, learningRate } = studyModel(name);
    const [own, published] = [buildNetwork(network, 3), createModel(name, { seed: 3 })];
    const shape = (model: typeof own) =>
      model.layers.map((layer) => [
        layer.getClassName(),
        layer.getConfig().rate,
        layer.outputShape,
      ]);
    expect(shape(own)).toEqual(shape(published));
    expect(learningRate).toBe(zoo[name].defaults.learningRate);
  }
});

test("a variant takes one choice of the tuned model, and all together are the tuned model", () => {
  const variants = variantsOf(studyModelNames);
  expect(variants.map(({ name }) => name)).toEqual([
    "cnn-filters-64",
    "cnn-kernel-5",
    "cnn-dropout-0.5",
    "cnn-rate-1e-4",
    "mlp-units-256-128",
    "mlp-dropout-0.3",
    "mlp-rate-1e-4",
  ]);
  for (const plain of ["cnn", "mlp"] as const) {
    const base = flat(studyModel(plain));
    const joined = { ...base };
    for (const variant of variants.filter(({ variant }) => variant?.of === plain)) {
      const changed = Object.entries(flat(variant)).filter(([part, value]) => base[part] !== value);
      expect(changed).toHaveLength(1);
      Object.assign(joined, Object.fromEntries(changed));
    }
    expect(joined).toEqual(flat(studyModel(`${plain}-tuned`)));
  }
  expect(variantsOf(["cnn", "mlp"])).toEqual([]);
});

function flat({ network, learningRate }: ReturnType<typeof studyModel>): Record<string, string> {
  const parts = Object.entries({ ...network, learningRate });
  return Object.fromEntries(parts.map(([part, value]) => [part, JSON.stringify(value)]));
}

test("multiplications are those of the layers", () => {
  // 26² outputs of 9·32, 11² of 9·32·32, 800 by 128, 128 by 10.
  expect(multiplications(studyModel("cnn").network)).toBe(
    676 * 288 + 121 * 9216 + 800 * 128 + 1280,
  );
  expect(multiplications(studyModel("mlp").network)).toBe(784 * 128 + 128 * 64 + 640);
});

test("all models and data sets of a seed come before the next seed, and variants at the end", () => {
  const data = (name: string) => ({ name, trainRows: 1, testRows: 1, fingerprint: "0" });
  const models = [studyModel("mlp"), studyModel("mlp-tuned"), ...variantsOf(["mlp", "mlp-tuned"])];
  const runs = planRuns({
    datasets: [data("mnist"), data("./mine")],
    models: models.slice(0, 3),
    seeds: 2,
    variantSeeds: 1,
    epochs: 1,
    batchSize: 64,
  });
  expect(runs.map(runName)).toEqual([
    ...["mnist-mlp-seed-1", "mnist-mlp-tuned-seed-1", "mine-mlp-seed-1", "mine-mlp-tuned-seed-1"],
    ...["mnist-mlp-seed-2", "mnist-mlp-tuned-seed-2", "mine-mlp-seed-2", "mine-mlp-tuned-seed-2"],
    ...["mnist-mlp-units-256-128-seed-1", "mine-mlp-units-256-128-seed-1"],
  ]);
});

test("a folder's path becomes part of a file's name, whatever it holds", () => {
  expect(["fashion-mnist", "../a b/c", "/x/", "ü"].map(fileStem)).toEqual([
    ...["fashion-mnist", "a-b-c", "x", "data"],
  ]);
});

test("images of another size and too many classes are refused, and other images are told apart", async () => {
  const pair = await digits({ train: 10, test: 5 });
  const reshaped = (shape: readonly number[]) => {
    const { x, y } = pair.train.columns;
    return { ...pair, train: { ...pair.train, columns: { x: { ...x, shape }, y } } };
  };
  expect(() => describeData("s", reshaped([14, 56]))).toThrow(/"s": its images are 14×56/);
  expect(describeData("s", reshaped([28, 28, 1]))).toMatchObject({ trainRows: 10, testRows: 5 });
  const classNames = Array.from({ length: 11 }, (_, index) => `${index}`);
  expect(() => describeData("s", { ...pair, train: { ...pair.train, classNames } })).toThrow(
    /it has 11 classes/,
  );
  const other = await digits({ train: 10, test: 5, seed: 1 });
  expect(describeData("s", other).fingerprint).not.toBe(describeData("s", pair).fingerprint);
});
