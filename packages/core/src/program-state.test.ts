/** A program of several functions goes on elsewhere as well: by a checkpoint, by a move, and when its device is lost. */
import { breakable } from "@hone/conformance/testing";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend, Device } from "./backend.js";
import { adam, rmsprop } from "./graph/optimizer.js";
import { program } from "./program.js";
import type { ProgramCheckpoint } from "./run/checkpoint.js";
import type { Dataset } from "./run/dataset.js";
import { randomNormal } from "./trace/random.js";

let device: Device;
let other: Device;
beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ worker: false }).open();
  other = await cpu().open();
});
afterAll(() => Promise.all([device.close(), other.close()]));

const wave = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(seed + 1.7 * at) / 2);
const data: Dataset = {
  name: "waves",
  rows: 70,
  columns: { x: { data: wave(70 * 6, 9), shape: [6], scale: 1, offset: 0 } },
  labels: [],
};

interface Choice {
  readonly failover?: readonly Backend[];
  readonly resume?: ProgramCheckpoint;
}

/** Two groups of variables with an optimizer each, random numbers in both, and a function that only looks. */
function rivals(on: Device, choice: Choice = {}) {
  const maker = tf.variable(tf.tensor2d(wave(18, 1), [3, 6]));
  const judge = tf.variable(tf.tensor2d(wave(6, 2), [6, 1]));
  const made = (batch: number) =>
    tf.matMul(randomNormal([batch, 3]) as tf.Tensor2D, maker as never);
  const judged = (x: tf.Tensor) => tf.sigmoid(tf.matMul(x as tf.Tensor2D, judge as never));
  const miss = (x: tf.Tensor, wanted: number) => tf.mean(tf.squaredDifference(x, wanted));
  const begun = program({
    device: on,
    inputs: { x: [6] },
    seed: 6,
    functions: {
      judge: {
        minimize: ({ x }: { x: tf.Tensor2D }, { batch }) =>
          tf.add(miss(judged(x), 1), miss(judged(made(batch)), 0)),
        variables: judge,
        optimizer: adam(0.05),
      },
      fool: {
        minimize: (_inputs, { batch }) => miss(judged(made(batch)), 1),
        variables: maker,
        optimizer: rmsprop(0.01),
      },
      look: { compute: ({ x }: { x: tf.Tensor2D }) => judged(x) },
    },
    ...choice,
  });
  begun.then((one) => makers.set(one, maker)).catch(() => undefined);
  return begun;
}
type Rivals = Awaited<ReturnType<typeof rivals>>;

const makers = new WeakMap<object, tf.Variable>();
const STEPS = 12;
/** One step after another, of every kind. @returns what it told */
async function take(one: Rivals, step: number): Promise<readonly number[]> {
  const rows = { data: wave(5 * 6, step), shape: [5, 6] };
  const { loss } = await one.run("judge", { x: rows });
  // The caller fills its arrays anew.
  rows.data.fill(Number.NaN);
  const { losses } = await one.run("judge", data, { steps: 2, batchSize: 16 });
  const { loss: fooled } = await one.run("fool", {}, { batch: 8 });
  if (step % 5 === 4) {
    const maker = makers.get(one) as tf.Variable;
    await one.setVariables(maker, [wave(18, step)]);
  }
  const { data: looked } = await one.run("look", { x: { data: wave(12, step), shape: [2, 6] } });
  return [loss, ...losses, fooled, ...looked];
}

async function through(one: Rivals, from: number, look?: (step: number) => unknown) {
  const told: number[] = [];
  for (let step = from; step < STEPS; step++) {
    await look?.(step);
    told.push(...(await take(one, step)));
  }
  return { told, tensors: (await one.checkpoint()).tensors };
}

test("goes on from a checkpoint between any two steps to the same bits", async () => {
  const whole = await rivals(device);
  const checkpoints: ProgramCheckpoint[] = [];
  const expected = await through(whole, 0, async () => checkpoints.push(await whole.checkpoint()));
  const perStep = expected.told.length / STEPS;
  for (const [step, checkpoint] of checkpoints.entries()) {
    const resume = structuredClone(checkpoint);
    const resumed = await rivals(step % 2 === 0 ? device : other, { resume });
    const { told, tensors } = await through(resumed, step);
    expect(told).toEqual(expected.told.slice(step * perStep));
    expect(tensors).toEqual(expected.tensors);
    resumed.close();
  }
  await expect(rivals(device, { resume: { ...checkpoints[0], seed: 7 } as never })).rejects.toThrow(
    /^\[hone\] resume: the seed is 6, and 7 in the checkpoint/,
  );
  whole.close();
});

test("moves between devices, and survives the loss of one, as if nothing had happened", async () => {
  const inPeace = await rivals(device);
  const expected = await through(inPeace, 0);
  const moving = await rivals(device);
  const places = [other, device];
  const moved = await through(moving, 0, (step) => moving.moveTo(places[step % 2] as Device));
  expect(moved).toEqual(expected);
  for (const lostAt of [0, 1, 5, 11]) {
    const { backend, breakNow } = breakable(cpu());
    const breaking = await backend.open();
    const one = await rivals(breaking, { failover: [cpu({ worker: false })] });
    const found = await through(one, 0, (step) => {
      if (step === lostAt) breakNow("terminate worker");
    });
    expect(found).toEqual(expected);
    one.close();
    await breaking.close();
  }
  for (const one of [inPeace, moving]) one.close();
});

test("a run that is ended keeps its steps, is told, and is done again no further elsewhere", async () => {
  const inPeace = await rivals(device);
  const { backend, breakNow } = breakable(cpu());
  const breaking = await backend.open();
  const one = await rivals(breaking, { failover: [cpu({ worker: false })] });
  const rows = { x: { data: wave(5 * 6, 1), shape: [5, 6] } };
  const taken = { rows: 0, data: 0 };
  const stepsOf = async () => (await one.checkpoint()).functions.judge?.step ?? 0;
  for (const kind of ["rows", "data"] as const) {
    const before = await stepsOf();
    const ending = new AbortController();
    setTimeout(() => ending.abort("enough"), 50);
    const given = kind === "rows" ? rows : data;
    const options = { steps: 10_000_000, batchSize: 16, signal: ending.signal };
    const running = one.run("judge", given, options);
    await expect(running).rejects.toMatchObject({ kind: "Aborted", cause: "enough" });
    await expect(one.run("judge", given, options)).rejects.toThrow(
      /run "judge": stopped on request/,
    );
    taken[kind] = (await stepsOf()) - before;
    expect(taken[kind]).toBeGreaterThan(0);
  }
  breakNow("terminate worker");
  const after = await take(one, 0);
  await inPeace.run("judge", rows, { steps: taken.rows });
  await inPeace.run("judge", data, { steps: taken.data, batchSize: 16 });
  expect(after).toEqual(await take(inPeace, 0));
  expect((await one.checkpoint()).tensors).toEqual((await inPeace.checkpoint()).tensors);
  for (const each of [inPeace, one]) each.close();
  await breaking.close();
});
