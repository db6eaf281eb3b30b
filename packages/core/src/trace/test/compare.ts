/** Runs a model in tfjs and, traced, on the 64-bit reference device, and compares. */
import { cpu } from "@hone/cpu";
import * as tfc from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { expect } from "vitest";
import { compile } from "../../compile.js";
import { sgd } from "../../graph/optimizer.js";
import { RandomStream } from "../../random.js";
import { capturedWeights } from "../weights.js";

const BATCH = 4;
const LEARNING_RATE = 0.1;

type Loss = (yTrue: tfc.Tensor, yPred: tfc.Tensor) => tfc.Tensor;

function randomValues(length: number, seed: number): Float32Array {
  const stream = new RandomStream(seed, 0);
  return Float32Array.from({ length }, () => 3 * stream.nextFloat() - 1.5);
}

const rowOf = (shape: readonly (number | null)[]) => shape.slice(1).map((extent) => extent ?? 1);

function randomRows(row: readonly number[], seed: number): tfc.Tensor {
  const shape = [BATCH, ...row];
  return tfc.tensor(randomValues(tfc.util.sizeFromShape(shape), seed), shape);
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(found.length, what).toBe(wanted.length);
  const scale = Math.max(1e-2, ...Array.from(wanted, Math.abs));
  const worst = Math.max(
    ...Array.from(found, (value, at) => Math.abs(value - (wanted[at] as number))),
  );
  expect(worst / scale, `${what}: largest difference over largest value`).toBeLessThan(2e-5);
}

/** The model's predictions, against its own in tfjs or those of an oracle with the same weights. */
export async function expectSameOutput(model: LayersModel, oracle = model): Promise<void> {
  const x = randomRows(rowOf(model.inputs[0]?.shape ?? []), 1);
  const wanted = (oracle.predict(x) as tfc.Tensor).dataSync();
  const device = await cpu({ precision: 64 }).open();
  const session = await compile(model, { device, loss: "meanSquaredError" });
  const { data } = await session.predict(x);
  expectClose(data, wanted, "output");
  session.close();
  await device.close();
}

interface Comparison {
  readonly loss?: Loss;
  /** Of the same weights; the model itself unless given. */
  readonly oracle?: LayersModel;
}

/** Every weight after one step of gradient descent in training mode, and so every gradient. */
export function expectSameStep(model: LayersModel, comparison: Comparison = {}): Promise<void> {
  return expectSameTraining(model, { ...comparison, steps: 1 });
}

/** Losses and weights of several steps, each on the same batch, against stock tfjs. */
export async function expectSameTraining(
  model: LayersModel,
  { loss, oracle = model, steps = 5 }: Comparison & { readonly steps?: number } = {},
): Promise<void> {
  const device = await cpu({ precision: 64 }).open();
  const session = await compile(model, {
    device,
    optimizer: sgd(LEARNING_RATE),
    loss: loss ?? "meanSquaredError",
  });
  const x = randomRows(rowOf(model.inputs[0]?.shape ?? []), 2);
  const y = randomRows(rowOf(model.outputs[0]?.shape ?? []), 3);
  const data = { name: "random", rows: BATCH, columns: { x: column(x), y: column(y) } };
  const { history } = await session.fit(data, { epochs: steps, batchSize: BATCH });
  const found = await session.weights();

  oracle.compile({ optimizer: tfc.train.sgd(LEARNING_RATE), loss: loss ?? "meanSquaredError" });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await oracle.trainOnBatch(x, y)) as number);
  expectClose(history.loss ?? [], losses, "loss");
  for (const [index, wanted] of capturedWeights(model).valuesOf(oracle).entries()) {
    const weight = found[index];
    expectClose(weight?.values ?? [], wanted, weight?.name ?? "weight");
  }
  session.close();
  await device.close();
}

function column(tensor: tfc.Tensor) {
  const data = tensor.dataSync() as Float32Array;
  return { data, shape: tensor.shape.slice(1), scale: 1, offset: 0 };
}
