import { samePadding, windowOutput } from "@hone/core/backend";
import { expect, test } from "vitest";
import { wasm } from "./index.js";
import { compute, expectLikeReference, expectLikeUnfused, numbers, tested } from "./test/one-op.js";

interface DepthwiseCase {
  readonly input: readonly [number, number, number, number];
  readonly filter?: readonly [number, number];
  /** Filters for each channel. */
  readonly filters?: number;
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** `same`, or [top, bottom, left, right]; none by default. */
  readonly padding?: "same" | readonly [number, number, number, number];
}

function geometry({ input, padding, ...rest }: DepthwiseCase) {
  const { filter = [3, 3], filters = 1, strides = [1, 1], dilations = [1, 1] } = rest;
  const along = (axis: 0 | 1) =>
    samePadding(input[axis + 1] as number, filter[axis], strides[axis], dilations[axis]);
  const cells = padding === "same" ? [...along(0), ...along(1)] : (padding ?? [0, 0, 0, 0]);
  const extent = (axis: 0 | 1) =>
    windowOutput(
      input[axis + 1] as number,
      filter[axis],
      strides[axis],
      dilations[axis],
      (cells[2 * axis] as number) + (cells[2 * axis + 1] as number),
    );
  const channels = input[3];
  return {
    x: { shape: input },
    filter: { shape: [...filter, channels, filters] },
    y: { shape: [input[0], extent(0), extent(1), channels * filters] },
    attributes: { strides, dilations, padding: cells },
  };
}

const around = [1, 1, 1, 1] as const;
const after = [0, 1, 0, 1] as const;

const cases: readonly DepthwiseCase[] = [
  ...[1, 3, 4, 8, 33].flatMap((channels): DepthwiseCase[] => [
    { input: [2, 7, 9, channels] },
    { input: [2, 8, 6, channels], padding: "same" },
    { input: [2, 8, 10, channels], strides: [2, 2], padding: "same" },
    { input: [1, 9, 7, channels], strides: [2, 2], padding: "same" },
    { input: [2, 6, 7, channels], filters: 3, padding: "same" },
    { input: [2, 7, 6, channels], filters: 2, strides: [2, 2], padding: "same" },
    { input: [1, 8, 9, channels], dilations: [2, 2], padding: "same" },
  ]),
  ...[1, 2, 3, 4, 5].flatMap((size): DepthwiseCase[] => [
    { input: [2, size, 6, 6], padding: around },
    { input: [2, 6, size, 6], padding: around },
    { input: [1, size, size, 4], padding: [2, 2, 2, 2] },
    { input: [1, size, size, 5], padding: [2, 0, 0, 2] },
    { input: [2, size, size, 5], strides: [2, 2], padding: around },
    { input: [2, size + 1, size + 1, 5], strides: [2, 2], padding: after },
    { input: [2, size + 1, size + 1, 5], strides: [2, 2], padding: [1, 0, 1, 0] },
    { input: [1, size + 2, size + 2, 3], strides: [2, 2], padding: [0, 2, 0, 2] },
    { input: [1, size + 2, size + 2, 3], strides: [2, 2], padding: [0, 3, 1, 3] },
  ]),
  { input: [2, 9, 9, 6], strides: [2, 1], padding: around },
  { input: [2, 9, 9, 6], strides: [1, 2], padding: around },
  { input: [1, 9, 8, 6], strides: [3, 3], padding: around },
  { input: [1, 5, 5, 3], padding: [4, 0, 4, 0] },
  { input: [1, 5, 5, 3], strides: [2, 2], padding: [3, 0, 3, 0] },
  { input: [2, 12, 11, 20], filter: [5, 5], padding: "same" },
  { input: [1, 11, 9, 6], filter: [5, 4], strides: [2, 3], padding: [1, 3, 0, 2] },
  { input: [2, 4, 5, 9], filter: [1, 1] },
  { input: [3, 5, 4, 6], filter: [5, 4], filters: 2 },
  { input: [1, 8, 8, 5], filter: [2, 2], strides: [3, 3] },
  { input: [1, 4, 4, 4], filter: [2, 2], padding: [3, 0, 3, 0] },
  { input: [1, 7, 8, 3], dilations: [2, 3], filter: [3, 2] },
  { input: [19, 6, 5, 40], padding: "same" },
];

/** A fourth of them; the long form takes all. */
const taken = cases.filter((_, at) => process.env.HONE_SOAK === "1" || at % 4 === 0);

test.each(taken.map((c) => [JSON.stringify(c), c] as const))(
  "depthwise convolutions of %s and their gradients agree",
  async (_, c) => {
    const { x, filter, y, attributes } = geometry(c);
    const op = "DepthwiseConv2dNative";
    await expectLikeReference({ op, inputs: [x, filter], output: y, attributes });
    const toInput = `${op}BackpropInput`;
    await expectLikeReference({ op: toInput, inputs: [y, filter], output: x, attributes });
    const toFilter = `${op}BackpropFilter`;
    await expectLikeReference({ op: toFilter, inputs: [x, y], output: filter, attributes });
    const bias = { shape: [y.shape.at(-1) as number] };
    const fused = { op: "FusedDepthwiseConv2D", inputs: [x, filter, bias], output: y };
    await expectLikeUnfused({ ...fused, attributes: { ...attributes, activation: "relu" } }, op);
  },
);

test("relu6 keeps results from 0 to 6", async () => {
  for (const c of [
    { input: [1, 6, 5, 7] },
    { input: [1, 6, 5, 7], dilations: [2, 1] },
  ] satisfies DepthwiseCase[]) {
    const { x, filter, y, attributes } = geometry(c);
    const weights = { ...filter, data: numbers(9 * 7, 2).map((value) => 9 * value) };
    const inputs = [x, weights];
    const plain = await compute(tested, {
      ...{ op: "DepthwiseConv2dNative", inputs, output: y, attributes },
    });
    expect(Math.max(...plain)).toBeGreaterThan(6);
    const found = await compute(tested, {
      ...{ op: "FusedDepthwiseConv2D", inputs, output: y },
      attributes: { ...attributes, activation: "relu6" },
    });
    expect(found).toEqual(plain.map((value) => Math.min(Math.max(value, 0), 6)));
  }
});

test("NaN at the image's corner reaches the taps that meet it, and no other", async () => {
  const { x, filter, y, attributes } = geometry({ input: [2, 5, 5, 4], padding: around });
  const data = numbers(2 * 100, 5);
  data[0] = Number.NaN;
  const inputs = [{ ...x, data }, y];
  const op = "DepthwiseConv2dNativeBackpropFilter";
  await expectLikeReference({ op, inputs, output: filter, attributes });
});

test("gradients have the same bits on any number of threads", async () => {
  const { x, filter, y, attributes } = geometry({ input: [7, 9, 8, 21], padding: "same" });
  const runs = await Promise.all(
    [1, 2, 3].map(async (threads) => {
      const backend = wasm({ worker: false, threads, shareFrom: 0 });
      const op = "DepthwiseConv2dNativeBackpropFilter";
      return compute(backend, { op, inputs: [x, y], output: filter, attributes });
    }),
  );
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});
