import { expect, test } from "vitest";
import { addMatrices, confusionOf, mistakesOf, rowShares, sharedMistakes } from "./mistakes.js";
import { decodePredictions, encodePredictions } from "./predictions.js";
import { labels } from "./test/small-study.js";

// Of four images of class 0 two are taken for 1; of three of class 2 one for 0.
const given = [0, 1, 1, 0, 1, 1, 1, 2, 0, 2];
const matrix = [
  [2, 2, 0],
  [0, 3, 0],
  [1, 0, 2],
];

test("a confusion matrix counts each image under its true and its given class", () => {
  expect(confusionOf(labels, given, 3)).toEqual(matrix);
  expect(addMatrices([matrix, matrix])).toEqual([
    [4, 4, 0],
    [0, 6, 0],
    [2, 0, 4],
  ]);
  expect(rowShares(matrix)[0]).toEqual([0.5, 0.5, 0]);
  expect(() => confusionOf(labels, [0], 3)).toThrow(/1 predictions were given for 10 labels/);
});

test("mistakes come with both classes, the most confident first", () => {
  const confidence = [0.9, 0.6, 0.99, 0.9, 0.9, 0.9, 0.9, 0.9, 0.7, 0.9];
  expect(mistakesOf(labels, { classes: given, confidence })).toEqual([
    { row: 2, truth: 0, predicted: 1, confidence: 0.99 },
    { row: 8, truth: 2, predicted: 0, confidence: 0.7 },
    { row: 1, truth: 0, predicted: 1, confidence: 0.6 },
  ]);
});

test("shared mistakes tell both, either and neither apart, and how often chance alone would join them", () => {
  // Wrong in rows 1, 2 (as the first) and 9.
  const other = [0, 1, 2, 0, 1, 1, 1, 2, 2, 0];
  expect(sharedMistakes(labels, given, other)).toEqual({
    bothRight: 6,
    onlyFirstWrong: [8],
    onlySecondWrong: [9],
    bothWrong: [1, 2],
    // Row 1 is taken for class 1 by both, row 2 for 1 and for 2.
    sameAnswer: 1,
    // 3 of 10 times 3 of 10, of 10 images.
    expectedBothWrong: 0.9,
  });
});

test("predictions survive as text, to a ten-thousandth and at most 0.9999", () => {
  const text = encodePredictions({ classes: [7, 0, 10], confidence: [0.12344, 1, 0] });
  expect(text).toEqual({ classes: "70a", confidence: "123499990000" });
  const { classes, confidence } = decodePredictions(text);
  expect(Array.from(classes)).toEqual([7, 0, 10]);
  expect(Array.from(confidence)).toEqual([0.1234, 0.9999, 0]);
});

test("predictions that are damaged or cannot be written are refused", () => {
  expect(() => decodePredictions({ classes: "12", confidence: "1234" })).toThrow(
    /2 classes stand beside 1 confidences/,
  );
  expect(() => decodePredictions({ classes: "?", confidence: "1234" })).toThrow(/other characters/);
  expect(() => encodePredictions({ classes: [36], confidence: [1] })).toThrow(/class 36/);
});
