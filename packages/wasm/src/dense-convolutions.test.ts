/** Convolutions without a pool behind them, Winograd's among them, and their gradients. */
import type { Device } from "@hone/core/backend";
import { RandomStream } from "@hone/core/internals";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ConvolutionCase,
  faultsOf,
  layerGraph,
  layerInputs,
  openDevices,
  outputSize,
  runLayer,
} from "./test/convolution-graph.js";

let reference: Device;
let tested: readonly Device[];

beforeAll(async () => {
  ({ reference, tested } = await openDevices());
});

afterAll(async () => {
  for (const device of [reference, ...tested]) await device.close();
});

async function expectAgreement(cases: readonly ConvolutionCase[]): Promise<void> {
  const faults: string[] = [];
  for (const [seed, c] of cases.entries()) {
    const graph = layerGraph(c);
    const written = layerInputs(c, graph, seed);
    const wanted = await runLayer(reference, graph, written);
    for (const device of tested) {
      const found = await runLayer(device, graph, written);
      expect(found.ops.join()).not.toContain("FusedConv2DMaxPool");
      const wrong = faultsOf(found, wanted);
      if (wrong.length > 0) {
        faults.push(`${device.info.description}: ${JSON.stringify(c)}: ${wrong.join("; ")}`);
      }
    }
  }
  expect(faults.slice(0, 8), `${faults.length} faults`).toEqual([]);
}

const pick = <T>(random: RandomStream, list: readonly T[]) =>
  list[random.nextInteger(list.length)] as T;

const SIDES = [3, 4, 5, 6, 7, 9, 11];
const CHANNELS = [8, 9, 12, 15, 16, 31, 32, 33];

test.each(CHANNELS)(
  "3 by 3 with stride 1 from %i channels, odd sizes and even, gives the reference's bits",
  async (inputChannels) => {
    const random = new RandomStream(inputChannels, 3);
    await expectAgreement(
      [1, 7, ...CHANNELS].map((outputChannels) => ({
        batch: pick(random, [1, 2, 3, 5]),
        size: [pick(random, SIDES), pick(random, SIDES)],
        inputChannels,
        outputChannels,
        filter: [3, 3],
        padding: pick(random, ["same" as const, [0, 0, 0, 0], [2, 0, 1, 2], [0, 3, 4, 0]]),
        bias: random.nextInteger(2) > 0,
        relu: random.nextInteger(2) > 0,
        pool: false,
      })),
    );
  },
);

test("3 by 3 down to one position, and over batches that make groups of images, gives them too", async () => {
  const sizes: [number, number][] = [
    [3, 3],
    [3, 4],
    [4, 3],
    [5, 3],
    [3, 9],
  ];
  const layer = { inputChannels: 9, outputChannels: 10, filter: [3, 3], pool: false } as const;
  await expectAgreement([
    ...sizes.map((size) => ({ ...layer, size, batch: 2 })),
    ...sizes.map((size) => ({ ...layer, size, batch: 17 })),
    ...sizes.map((size) => ({ ...layer, size, batch: 64, padding: "same" as const })),
    { ...layer, size: [1, 1], batch: 3, padding: "same" },
    { ...layer, size: [2, 1], batch: 3, padding: "same" },
  ]);
});

test("any filter, stride, dilation and padding gives the reference's bits", async () => {
  const random = new RandomStream(4, 4);
  const cases: ConvolutionCase[] = [];
  while (cases.length < 200) {
    const c: ConvolutionCase = {
      batch: pick(random, [1, 2, 3, 9, 15]),
      size: [pick(random, [...SIDES, 1, 2, 14]), pick(random, [...SIDES, 1, 2, 14])],
      inputChannels: pick(random, [1, 2, 3, 4, 5, 7, 8, 9, 33]),
      outputChannels: pick(random, [1, 2, 3, 4, 5, 8, 9, 17, 33]),
      filter: [1 + random.nextInteger(5), 1 + random.nextInteger(5)],
      strides: [1 + random.nextInteger(3), 1 + random.nextInteger(3)],
      dilations: [1 + random.nextInteger(3), 1 + random.nextInteger(2)],
      padding: pick(random, [
        "same" as const,
        [0, 0, 0, 0],
        [2, 0, 1, 2],
        [0, 3, 4, 0],
        [0, 0, 1, 0],
        [1, 0, 0, 0],
      ]),
      bias: random.nextInteger(2) > 0,
      relu: random.nextInteger(2) > 0,
      differentiateInput: random.nextInteger(4) > 0,
      pool: false,
    };
    if (Math.min(...outputSize(c)) >= 1) cases.push(c);
  }
  await expectAgreement(cases);
});

test("a pool behind a dilated convolution, or behind relu without a bias, takes its own way", async () => {
  const layer = { inputChannels: 5, outputChannels: 9, batch: 3, filter: [3, 3] } as const;
  await expectAgreement([
    { ...layer, size: [10, 11], dilations: [2, 2] },
    { ...layer, size: [11, 8], dilations: [2, 1], relu: false },
    { ...layer, size: [9, 7], bias: false },
    { ...layer, size: [4, 5], bias: false, outputChannels: 33 },
  ]);
});
