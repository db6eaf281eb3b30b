/** Recurrent layers as one node each, beside the same layers as their own loop unrolls. */
import "@tensorflow/tfjs-backend-cpu";
import { compile } from "@hone/core";
import { captureModel, RandomStream, sizeOf } from "@hone/core/internals";
import { cpu } from "@hone/cpu";
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { expect, test } from "vitest";
import { largest, largestDifference } from "../compare.js";
import { drawWeights } from "./test/models.js";
import { glorot } from "./test/rivalry.js";

interface Made {
  apply(x: SymbolicTensor): SymbolicTensor;
}
type MadeBy = new (options: object) => Made;

const OPS = { simpleRNN: "SimpleRNN", gru: "GRU", lstm: "LSTM" } as const;
const KINDS = ["simpleRNN", "gru", "lstm"] as const;
type Kind = (typeof KINDS)[number];

interface Options {
  readonly steps?: number;
  readonly [option: string]: unknown;
}

const OPTIONS: Readonly<Record<string, Options>> = {
  "as it comes": {},
  // Which tfjs itself cannot train.
  "of one time step": { steps: 1 },
  "with sequences": { returnSequences: true },
  "backwards, of sigmoids and relu": {
    returnSequences: true,
    goBackwards: true,
    activation: "relu",
    recurrentActivation: "sigmoid",
  },
};

const known = (kind: Kind) => layers[kind]({ units: 1 }).constructor as MadeBy;

/** Does the same as tfjs's own class, but is not known to be that, so that its loop is traced. */
const unrolled = (kind: Kind): MadeBy => class Unknown extends known(kind) {};

function network(layer: Made, steps = 6): LayersModel {
  const x = input({ shape: [steps, 3], name: "x" });
  const read = layer.apply(x);
  const rows = read.shape.length > 2 ? layers.flatten().apply(read) : read;
  const out = layers.dense({ units: 2, name: "out" }).apply(rows) as SymbolicTensor;
  const made = model({ inputs: x, outputs: out });
  drawWeights(made, 5, 0.1);
  return made;
}

const networkOf = (layer: MadeBy, { steps, ...options }: Options) =>
  network(new layer({ units: 5, ...glorot, ...options }), steps);

const opsOf = (made: LayersModel) =>
  captureModel(made as never, { loss: "meanSquaredError" }).traced.training.two.graph.nodes.map(
    ({ op }) => op,
  );

async function trained(made: LayersModel): Promise<readonly Float32Array[]> {
  const device = await cpu({ precision: 64, worker: false }).open();
  const session = await compile(made, { device, loss: "meanSquaredError", seed: 3 });
  const random = new RandomStream(7, 1);
  const column = (shape: readonly number[], length: number) => ({
    data: Float32Array.from({ length: 16 * length }, () => random.nextNormal()),
    shape,
    scale: 1,
    offset: 0,
  });
  const shape = made.inputs[0]?.shape.slice(1) as number[];
  const columns = { x: column(shape, sizeOf(shape)), y: column([2], 2) };
  const rows = { name: "rows", rows: 16, labels: ["y"], columns };
  await session.fit(rows as never, { epochs: 10, batchSize: 4, shuffle: false });
  const weights = await session.weights();
  session.close();
  await device.close();
  return weights.map(({ values }) => values as Float32Array);
}

const cases = KINDS.flatMap((kind) => Object.keys(OPTIONS).map((told) => [kind, told] as const));

test.each(cases)("%s %s is one node, and trains as its unrolled loop", async (kind, told) => {
  const options = OPTIONS[told] as Options;
  const one = networkOf(known(kind), options);
  const many = networkOf(unrolled(kind), options);
  expect(opsOf(one).filter((op) => op === OPS[kind])).toHaveLength(1);
  expect(opsOf(many)).not.toContain(OPS[kind]);
  const [found, wanted] = [await trained(one), await trained(many)];
  for (const [at, values] of wanted.entries()) {
    const apart = largestDifference(found[at] as Float32Array, values);
    expect(apart).toBeLessThan(1e-5 * largest(values));
  }
});

test.each(KINDS)("each direction of a %s is one node", (kind) => {
  const layer = new (known(kind))({ units: 5, returnSequences: true, ...glorot });
  const both = layers.bidirectional({ layer: layer as never, mergeMode: "sum" });
  const ops = opsOf(network(both as unknown as Made));
  expect(ops.filter((op) => op === OPS[kind])).toHaveLength(2);
});

test("dropout of the inputs leaves a layer one node, and that between time steps does not", () => {
  expect(opsOf(networkOf(known("lstm"), { dropout: 0.5 }))).toContain("LSTM");
  expect(opsOf(networkOf(known("lstm"), { recurrentDropout: 0.5 }))).not.toContain("LSTM");
});
