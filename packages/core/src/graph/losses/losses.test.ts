import { expect, test } from "vitest";
import { holdEverything } from "../../plan/everything.js";
import { GraphBuilder } from "../builder.js";
import {
  LOSS_NAMES,
  labelKind,
  labelRange,
  labelShapeFits,
  lossOf,
  lossTensor,
  type NamedLoss,
} from "./index.js";

holdEverything();

const named = (given: unknown) => lossOf(given) as NamedLoss;

test.each([
  ["mse", "meanSquaredError"],
  ["MSE", "meanSquaredError"],
  ["mae", "meanAbsoluteError"],
  ["MAE", "meanAbsoluteError"],
  ["mape", "meanAbsolutePercentageError"],
  ["MAPE", "meanAbsolutePercentageError"],
  ["msle", "meanSquaredLogarithmicError"],
  ["MSLE", "meanSquaredLogarithmicError"],
  ["kld", "kullbackLeiblerDivergence"],
  ["KLD", "kullbackLeiblerDivergence"],
  ["cosine", "cosineProximity"],
])("%s is %s", (alias, name) => {
  expect(lossOf(alias)).toEqual({ name });
  expect(lossOf({ name: alias })).toEqual({ name });
});

test("every name is its own, and nothing else is a loss", () => {
  for (const name of LOSS_NAMES) expect(lossOf(name)).toEqual({ name });
  for (const other of ["crossentropy", "toString", "", undefined, null, 3, {}, { name: 3 }]) {
    expect(lossOf(other)).toBeUndefined();
  }
});

test("options that say nothing new are left out, so that equal losses are equal data", () => {
  expect(lossOf({ name: "huber", delta: 1 })).toEqual({ name: "huber" });
  expect(lossOf({ name: "huber", delta: 2 })).toEqual({ name: "huber", delta: 2 });
  const plain = { name: "categoricalCrossentropy", labelSmoothing: 0, fromLogits: false };
  expect(lossOf(plain)).toEqual({ name: "categoricalCrossentropy" });
});

test.each([
  [{ name: "huber", delta: 0 }, "[hone] loss huber: its option delta is 0. Give a number above 0."],
  [
    { name: "mse", delta: 1 },
    '[hone] loss meanSquaredError: it has no option "delta". Leave it out.',
  ],
  [
    { name: "binaryCrossentropy", from_logits: true },
    '[hone] loss binaryCrossentropy: it has no option "from_logits". Choose from fromLogits, labelSmoothing.',
  ],
  [
    { name: "binaryCrossentropy", labelSmoothing: 1 },
    "[hone] loss binaryCrossentropy: its option labelSmoothing is 1. Give a number from 0 to less than 1.",
  ],
])("%o is refused", (given, message) => {
  expect(() => lossOf(given)).toThrow(expect.objectContaining({ kind: "BadArgument", message }));
});

test("class indices drop the last axis of the outputs, other labels have their shape", () => {
  const sparse = named("sparseCategoricalCrossentropy");
  expect(labelShapeFits(sparse, [10], [])).toBe(true);
  expect(labelShapeFits(sparse, [10], [1])).toBe(true);
  expect(labelShapeFits(sparse, [10], [10])).toBe(false);
  expect(labelShapeFits(sparse, [5, 10], [5])).toBe(true);
  expect(labelShapeFits(sparse, [5, 10], [5, 1])).toBe(true);
  expect(labelShapeFits(sparse, [5, 10], [1, 5])).toBe(false);
  const mse = named("mse");
  expect(labelShapeFits(mse, [5, 10], [5, 10])).toBe(true);
  expect(labelShapeFits(mse, [5, 10], [50])).toBe(false);
  expect(labelShapeFits(mse, [1], [])).toBe(true);
  expect(labelShapeFits(mse, [], [1])).toBe(true);
  expect(labelShapeFits(mse, [2], [])).toBe(false);
});

test("labels have a range where others would train without end", () => {
  const range = (name: string) => labelRange(named(name), [10]);
  expect(range("sparseCategoricalCrossentropy")).toEqual({ min: 0, max: 9, whole: true });
  expect(range("binaryCrossentropy")).toEqual({ min: 0, max: 1, whole: false });
  expect(range("hinge")).toEqual({ min: -1, max: 1, whole: false });
  expect(range("poisson")).toEqual({ min: 0, max: Number.POSITIVE_INFINITY, whole: false });
  expect(range("meanSquaredError")).toBeUndefined();
  expect(labelKind(named("squaredHinge"))).toBe("sign");
  expect(labelKind(named("mape"))).toBe("number");
});

test.each(LOSS_NAMES)("%s gives the outputs' shape without its last axis", (name) => {
  const loss = named(name);
  for (const [output, losses] of [
    [[6, 4], [6]],
    [
      [2, 3, 4],
      [2, 3],
    ],
    [[5, 1], [5]],
    [[5], [5]],
  ] as const) {
    const builder = new GraphBuilder();
    const row = output.length > 1 ? output.slice(0, -1) : output;
    const labels = labelKind(loss) === "class-index" ? row : output;
    const result = lossTensor(
      builder,
      loss,
      builder.persistent("output", "input", output),
      builder.persistent("labels", "input", labels, { dtype: "int32" }),
    );
    expect(builder.shape(result)).toEqual(losses);
    expect(builder.tensor(result).dtype).toBe("float32");
  }
});
