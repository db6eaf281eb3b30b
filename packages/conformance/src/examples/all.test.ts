/** Of tensorflow/tfjs-examples 29 folders train something; each of them has its case here. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { imageExamples } from "./images.js";
import { objectExamples } from "./objects.js";
import { sequenceExamples } from "./sequences.js";
import { tableExamples } from "./tables.js";

const FOLDERS = [
  ...["abalone-node", "addition-rnn", "addition-rnn-webworker", "baseball-node", "boston-housing"],
  ...["cart-pole", "data-generator", "date-conversion-attention", "fashion-mnist-vae"],
  ...["getting-started", "intent-classifier", "iris", "iris-fitDataset", "jena-weather"],
  ...["lstm-text-generation", "mnist", "mnist-acgan", "mnist-core", "mnist-node"],
  ...["mnist-transfer-cnn", "polynomial-regression", "polynomial-regression-core"],
  ...["quantization", "sentiment", "simple-object-detection", "snake-dqn", "translation"],
  ...["webcam-transfer-learning", "website-phishing"],
];

test("all 29 folders that train something have a case", () => {
  const listed = [...tableExamples, ...imageExamples, ...sequenceExamples, ...objectExamples];
  const names = listed.map(({ name }) => name.split(",")[0]);
  // Those that are programs have a test each.
  const programs = readdirSync(import.meta.dirname)
    .filter((file) => /^(acgan|agents|vae)\.test\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
      return [...text.matchAll(/test\("([a-z-]+)/g)].map(([, name]) => name);
    });
  expect(FOLDERS.length).toBe(29);
  expect([...new Set([...names, ...programs])].sort()).toEqual(FOLDERS.sort());
});
