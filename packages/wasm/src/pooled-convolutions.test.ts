import type { Device } from "@hone/core/backend";
import { RandomStream } from "@hone/core/internals";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ConvolutionCase,
  faultsOf,
  layerGraph,
  layerInputs,
  nonZero,
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

const POOLED = "FusedConv2DMaxPool";

async function check(c: ConvolutionCase, seed: number): Promise<string[]> {
  const graph = layerGraph(c);
  const written = layerInputs(c, graph, seed);
  const wanted = await runLayer(reference, graph, written);
  expect(wanted.ops.join()).not.toContain("MaxPoolBackprop");
  const faults: string[] = [];
  for (const device of tested) {
    const found = await runLayer(device, graph, written);
    expect(found.ops.includes(POOLED), `the plan has ${found.ops}`).toBe(true);
    const wrong = faultsOf(found, wanted);
    if (wrong.length > 0) {
      const { values, ...shapes } = c;
      faults.push(`${device.info.description}: ${JSON.stringify(shapes)}: ${wrong.join("; ")}`);
    }
  }
  return faults;
}

async function expectAgreement(cases: readonly ConvolutionCase[]): Promise<void> {
  const faults: string[] = [];
  for (const [seed, c] of cases.entries()) faults.push(...(await check(c, seed)));
  expect(faults.slice(0, 8), `${faults.length} faults`).toEqual([]);
}

const INPUT_CHANNELS = [1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 32, 33];
const OUTPUT_CHANNELS = [1, 3, 4, 7, 8, 9, 12, 31, 32, 33];
const FILTERS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [3, 5],
  [7, 7],
];
const BATCHES = [1, 2, 3, 5, 15, 17];
const STRIDES: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 2],
  [3, 2],
];
const BORDERS: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [0, 1, 0, 1],
  [2, 0, 1, 3],
  [0, 2, 0, 0],
  [0, 0, 1, 0],
  [1, 0, 0, 0],
];

const pick = <T>(random: RandomStream, list: readonly T[]) =>
  list[random.nextInteger(list.length)] as T;

/** Fills in what is not given by lot; the convolution's output has 2 to 9 rows and columns. */
function drawn(random: RandomStream, given: Partial<ConvolutionCase>): ConvolutionCase {
  const inputChannels = given.inputChannels ?? pick(random, INPUT_CHANNELS);
  const outputChannels = given.outputChannels ?? pick(random, OUTPUT_CHANNELS);
  const filter = given.filter ?? pick(random, FILTERS);
  const strides = given.strides ?? pick(random, STRIDES);
  const padding = given.padding ?? pick(random, [...BORDERS, "same" as const]);
  const along = (axis: 0 | 1) => {
    const output = pick(random, [2, 3, 4, 5, 6, 7, 9]);
    const stride = strides[axis];
    if (padding === "same") return (output - 1) * stride + 1 + random.nextInteger(stride);
    const border = (padding[2 * axis] as number) + (padding[2 * axis + 1] as number);
    const size = (output - 1) * stride + filter[axis] - border + random.nextInteger(stride);
    return Math.max(1, size);
  };
  const work = inputChannels * outputChannels * filter[0] * filter[1];
  const c: ConvolutionCase = {
    batch: pick(random, work > 10_000 ? BATCHES.slice(0, 3) : BATCHES),
    size: [along(0), along(1)],
    bias: random.nextInteger(4) > 0,
    // A relu without a bias is not fused with its convolution.
    relu: random.nextInteger(3) > 0,
    differentiateInput: random.nextInteger(4) > 0,
    ...given,
    inputChannels,
    outputChannels,
    filter,
    strides,
    padding,
  };
  const fusible = c.bias ? c : { ...c, relu: false };
  return Math.min(...outputSize(c)) < 2 ? drawn(random, given) : fusible;
}

test.each(INPUT_CHANNELS)(
  "from %i channels to any number, values and gradients are the reference's to the bit",
  async (inputChannels) => {
    const random = new RandomStream(inputChannels, 1);
    await expectAgreement(
      OUTPUT_CHANNELS.flatMap((outputChannels) => [
        drawn(random, { inputChannels, outputChannels, filter: [3, 3], strides: [1, 1] }),
        drawn(random, { inputChannels, outputChannels }),
      ]),
    );
  },
);

test.each(FILTERS.map((filter) => [`${filter[0]} by ${filter[1]}`, filter] as const))(
  "filters of %s with any strides and padding give the reference's bits",
  async (_, filter) => {
    const random = new RandomStream(filter[0] * 8 + filter[1], 2);
    await expectAgreement(
      STRIDES.flatMap((strides) =>
        [...BORDERS, "same" as const].map((padding) =>
          drawn(random, {
            filter,
            strides,
            padding,
            inputChannels: pick(random, [1, 2, 4, 5, 9]),
            outputChannels: pick(random, [1, 4, 5, 8, 11]),
          }),
        ),
      ),
    );
  },
);

const plain = { filter: [3, 3], batch: 3, size: [9, 10] } as const;
/** One for each way a layer's kernels are chosen: stencil and narrow gradient, Winograd, all others. */
const WAYS: readonly [string, ConvolutionCase][] = [
  ["one channel", { ...plain, inputChannels: 1, outputChannels: 8 }],
  ["one channel, five filters", { ...plain, inputChannels: 1, outputChannels: 5 }],
  ["one channel, 5 by 5", { ...plain, filter: [5, 5], inputChannels: 1, outputChannels: 8 }],
  ["three channels", { ...plain, inputChannels: 3, outputChannels: 7 }],
  ["nine channels, 3 by 3", { ...plain, inputChannels: 9, outputChannels: 12 }],
  ["nine channels, 5 by 5", { ...plain, filter: [5, 5], inputChannels: 9, outputChannels: 12 }],
];

const variants = ({ size, ...way }: ConvolutionCase): ConvolutionCase[] => [
  { size, ...way },
  { size, ...way, batch: 17, padding: "same" },
  { size: [8, 7], ...way, batch: 15, relu: false },
];

const zeroOrOne = (random: RandomStream) => random.nextInteger(2);
const sign = (random: RandomStream) => random.nextInteger(3) - 1;

test.each(WAYS)("%s: of equal maxima the first in row order has the gradient", async (_, way) => {
  const ties = { x: zeroOrOne, filter: sign, bias: zeroOrOne, dy: nonZero };
  await expectAgreement(variants(way).map((c) => ({ ...c, values: ties })));
  const flat = { x: () => 1, dy: nonZero };
  await expectAgreement(variants(way).map((c) => ({ ...c, values: flat })));
});

test.each(WAYS)("%s: gradients that are all zero, or none, give the same bits", async (_, way) => {
  await expectAgreement(variants(way).map((c) => ({ ...c, values: { dy: () => 0 } })));
  await expectAgreement(variants(way).map((c) => ({ ...c, values: { dy: nonZero } })));
});

test.each(WAYS)("%s: what relu stops altogether has no gradient", async (_, way) => {
  const [first, second] = variants(way);
  for (const c of [first, second] as ConvolutionCase[]) {
    const killed = { ...c, values: { bias: () => -1000, dy: nonZero } };
    await expectAgreement([killed]);
    const graph = layerGraph(killed);
    const { results } = await runLayer(tested[0] as Device, graph, layerInputs(killed, graph));
    for (const values of results.values()) expect(Math.max(...values.map(Math.abs))).toBe(0);
  }
});

test.each(WAYS)("%s: the smallest numbers there are count like any others", async (_, way) => {
  const tiny = (random: RandomStream) => sign(random) * (1 + random.nextInteger(9)) * 2 ** -149;
  await expectAgreement(
    variants(way).map((c) => ({ ...c, values: { x: sign, filter: sign, bias: sign, dy: tiny } })),
  );
  // Winograd's transform divides a filter by 4, and a number that small need not have a fourth.
  const fours = (random: RandomStream) => 4 * sign(random);
  const small = { x: tiny, filter: fours, bias: tiny, dy: sign };
  await expectAgreement(variants(way).map((c) => ({ ...c, values: small })));
});

test.each(WAYS)("%s: NaN in an image comes out where the reference has it", async (_, way) => {
  for (const c of variants(way)) {
    const graph = layerGraph(c);
    const written = layerInputs(c, graph);
    const x = written.get("x") as Float32Array;
    for (const at of [0, Math.floor(x.length / 2), x.length - 1]) {
      const spoilt = new Map(written).set("x", x.slice().fill(Number.NaN, at, at + 1));
      const wanted = await runLayer(reference, graph, spoilt);
      for (const device of tested) {
        const found = await runLayer(device, graph, spoilt);
        const only = (run: typeof found) => ({
          ...run,
          results: new Map([["y", run.results.get("y") ?? new Float32Array()]]),
        });
        expect(faultsOf(only(found), only(wanted)), `${at} of ${x.length}`).toEqual([]);
      }
    }
  }
});

test("the layers of the networks that are trained most give the reference's bits", async () => {
  const layer = { filter: [3, 3], outputChannels: 32 } as const;
  await expectAgreement([
    { ...layer, batch: 3, size: [28, 28], inputChannels: 1, differentiateInput: false },
    { ...layer, batch: 3, size: [13, 13], inputChannels: 32 },
    { ...layer, batch: 2, size: [32, 32], inputChannels: 3, padding: "same" },
    { batch: 2, size: [12, 12], filter: [5, 5], inputChannels: 12, outputChannels: 64 },
  ]);
});
