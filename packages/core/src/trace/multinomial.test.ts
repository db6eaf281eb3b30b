import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import { layers, sequential } from "@tensorflow/tfjs-layers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { adam } from "../graph/optimizer.js";
import { program } from "../program.js";
import { multinomial } from "./multinomial.js";
import { Calls } from "./test/custom-layers.js";

let device: Device;

beforeAll(async () => {
  await tfc.setBackend("cpu");
  device = await cpu({ worker: false }).open();
});
afterAll(() => device.close());
afterEach(() => tfc.disposeVariables());

const SAMPLES = 500;
const ROWS = 40;

/** Classes drawn for rows of these odds, as numbers. */
async function drawn(odds: readonly number[], normalized = false, seed = 5) {
  const inputShape = [odds.length];
  const body = (x: tfc.Tensor) =>
    tfc.cast(multinomial(normalized ? x : tfc.log(x), SAMPLES, normalized), "float32");
  const model = sequential({ layers: [layers.inputLayer({ inputShape }), new Calls(body)] });
  const session = await compile(model, { device, loss: "meanSquaredError", seed });
  const data = Float32Array.from(Array.from({ length: ROWS }, () => odds).flat());
  const rows = { data, shape: [ROWS, odds.length] };
  const [first, second] = [await session.predict(rows), await session.predict(rows)];
  session.close();
  return { shape: first.shape, first: [...first.data], second: [...second.data] };
}

function shares(classes: readonly number[], count: number): number[] {
  const times = Array.from({ length: count }, () => 0);
  for (const one of classes) times[one] = (times[one] ?? 0) + 1;
  return times.map((time) => time / classes.length);
}

/** Five standard deviations of a share of so many draws. */
const within = (share: number) => 5 * Math.sqrt((share * (1 - share)) / (ROWS * SAMPLES));

test("classes are drawn by their odds, anew in each prediction, and the same for the same seed", async () => {
  const odds = [0.5, 0.125, 0, 0.25, 0.125, 0];
  const { shape, first, second } = await drawn(odds);
  expect(shape).toEqual([ROWS, SAMPLES]);
  for (const [at, share] of shares(first, odds.length).entries()) {
    expect(Math.abs(share - (odds[at] as number))).toBeLessThanOrEqual(within(odds[at] as number));
  }
  expect(second).not.toEqual(first);
  expect((await drawn(odds)).first).toEqual(first);
  expect((await drawn(odds, false, 6)).first).not.toEqual(first);
});

test("probabilities are taken as they are", async () => {
  const { first } = await drawn([0.1, 0.9], true);
  expect(Math.abs((shares(first, 2)[1] as number) - 0.9)).toBeLessThan(within(0.9));
});

test("a policy learns by its own draws: of three arms of a bandit it takes the best", async () => {
  const logits = tfc.variable(tfc.tensor1d([0, 0, 0]));
  const loss = ({ pay }: Record<string, tfc.Tensor>) => {
    const arms = multinomial(logits, 64);
    const chosen = tfc.oneHot(tfc.cast(arms, "int32"), 3);
    const got = tfc.sum(tfc.mul(chosen, tfc.slice(pay as tfc.Tensor, [0, 0], [1, 3])), 1);
    const logOdds = tfc.sum(tfc.mul(chosen, tfc.logSoftmax(logits)), 1);
    return tfc.neg(tfc.mean(tfc.mul(tfc.sub(got, tfc.mean(got)), logOdds)));
  };
  const bandit = await program({
    device,
    seed: 2,
    inputs: { pay: [3] },
    functions: { learn: { minimize: loss, variables: [logits], optimizer: adam(0.1) } },
  });
  for (let step = 0; step < 60; step++) await bandit.run("learn", { pay: [[0, 1, 0.5]] });
  await bandit.writeBack();
  bandit.close();
  const [a, b, c] = logits.dataSync() as unknown as [number, number, number];
  expect(b - Math.max(a, c)).toBeGreaterThan(2);
});

test("outside of a trace it is tf.multinomial", () => {
  const given = tfc.tensor2d([[Number.NEGATIVE_INFINITY, 0]]);
  const found = multinomial(given, 7);
  expect([found.shape, found.dtype, [...found.dataSync()]]).toEqual([
    [1, 7],
    "int32",
    [1, 1, 1, 1, 1, 1, 1],
  ]);
  expect(multinomial(tfc.tensor1d([0, 0]), 3).shape).toEqual([3]);
});

test.each([
  ["one class", [1, 1], 2, /shape \[1,1\]\. Give \[batch, classes\]/],
  ["three axes", [1, 2, 2], 2, /shape \[1,2,2\]/],
  ["no samples", [1, 2], 0, /0 samples\. Give a whole number/],
  ["half a sample", [1, 2], 0.5, /0\.5 samples/],
] as const)("%s is refused", (_what, shape, samples, message) => {
  expect(() => multinomial(tfc.zeros([...shape]), samples)).toThrow(message);
});

test("a seed, which tf.multinomial takes in the third place, is not taken for true", () => {
  expect(() => multinomial(tfc.zeros([1, 2]), 3, 42 as never)).toThrow(
    /its third argument is 42\. Give true for probabilities; a seed/,
  );
});
