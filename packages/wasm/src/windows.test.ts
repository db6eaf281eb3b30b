import { samePadding, sizeOf, windowOutput } from "@hone/core/backend";
import { expect, test } from "vitest";
import { compute, expectLikeReference, expectLikeUnfused, numbers, tested } from "./test/one-op.js";

interface WindowCase {
  readonly input: readonly [number, number, number, number];
  readonly filter: readonly [number, number];
  readonly channels?: number;
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  /** `same`, or [top, bottom, left, right]; none by default. */
  readonly padding?: "same" | readonly [number, number, number, number];
}

function geometry({ input, filter, strides = [1, 1], dilations = [1, 1], padding }: WindowCase) {
  const same = [0, 1].flatMap((axis) =>
    samePadding(
      input[axis + 1] as number,
      filter[axis] as number,
      strides[axis] as number,
      dilations[axis] as number,
    ),
  );
  const cells = padding === "same" ? same : (padding ?? [0, 0, 0, 0]);
  const [height, width] = [0, 1].map((axis) =>
    windowOutput(
      input[axis + 1] as number,
      filter[axis] as number,
      strides[axis] as number,
      dilations[axis] as number,
      (cells[2 * axis] as number) + (cells[2 * axis + 1] as number),
    ),
  ) as [number, number];
  return { height, width, attributes: { strides, dilations, padding: cells } };
}

const convolutions: WindowCase[] = [
  { input: [2, 8, 8, 1], filter: [3, 3], channels: 8 },
  { input: [3, 7, 6, 5], filter: [3, 3], channels: 9 },
  { input: [2, 9, 9, 8], filter: [3, 3], channels: 33 },
  { input: [1, 5, 5, 33], filter: [1, 1], channels: 7 },
  { input: [2, 7, 7, 3], filter: [3, 3], channels: 4, padding: "same" },
  { input: [2, 8, 7, 3], filter: [4, 2], channels: 2, padding: "same", strides: [2, 3] },
  { input: [1, 9, 10, 2], filter: [3, 2], channels: 6, dilations: [2, 3], padding: "same" },
  { input: [1, 9, 9, 4], filter: [3, 3], channels: 4, dilations: [2, 2] },
  { input: [2, 6, 5, 7], filter: [2, 3], channels: 1, padding: [2, 0, 0, 3] },
  { input: [1, 8, 8, 2], filter: [3, 3], channels: 3, strides: [3, 3] },
  { input: [1, 1, 1, 6], filter: [3, 3], channels: 5, padding: "same" },
  { input: [2, 20, 19, 9], filter: [5, 5], channels: 8, padding: [2, 2, 2, 2] },
];

const title = (windowCase: WindowCase) => JSON.stringify(windowCase);

test.each(convolutions.map((c) => [title(c), c] as const))(
  "convolutions of %s and their gradients agree",
  async (_, c) => {
    const { height, width, attributes } = geometry(c);
    const x = { shape: c.input };
    const filter = { shape: [...c.filter, c.input[3], c.channels ?? 1] };
    const y = { shape: [c.input[0], height, width, c.channels ?? 1] };
    await expectLikeReference({ op: "Conv2D", inputs: [x, filter], output: y, attributes });
    await expectLikeReference({
      op: "Conv2DBackpropInput",
      inputs: [y, filter],
      output: x,
      attributes,
    });
    await expectLikeReference({
      op: "Conv2DBackpropFilter",
      inputs: [x, y],
      output: filter,
      attributes,
    });
    const bias = { shape: [c.channels ?? 1] };
    for (const activation of ["linear", "relu"]) {
      const fused = { op: "FusedConv2D", inputs: [x, filter, bias], output: y };
      await expectLikeUnfused({ ...fused, attributes: { ...attributes, activation } }, "Conv2D");
    }
  },
);

const sparseConvolutions: WindowCase[] = [
  { input: [2, 8, 8, 32], filter: [3, 3], channels: 5 },
  { input: [2, 7, 9, 16], filter: [2, 5], channels: 9, padding: "same" },
  { input: [3, 9, 9, 8], filter: [3, 2], channels: 4, strides: [2, 2], padding: [1, 0, 0, 1] },
  { input: [2, 6, 7, 16], filter: [2, 1], channels: 3, dilations: [2, 1] },
  { input: [1, 6, 7, 48], filter: [3, 3], channels: 33, strides: [3, 4] },
];

test.each(sparseConvolutions.map((c) => [title(c), c] as const))(
  "gradients of %s agree when few of dy are not zero, none or only the last",
  async (_, c) => {
    const { height, width, attributes } = geometry(c);
    const x = { shape: c.input };
    const filter = { shape: [...c.filter, c.input[3], c.channels ?? 1] };
    const shape = [c.input[0], height, width, c.channels ?? 1];
    const dense = numbers(sizeOf(shape), 7);
    const kept: ((i: number) => boolean)[] = [
      (i) => i % 5 === 0,
      () => false,
      (i) => i === dense.length - 1,
      (i) => i % 3 !== 0,
    ];
    for (const keep of kept) {
      const dy = { shape, data: dense.map((value, i) => (keep(i) ? value : 0)) };
      await expectLikeReference({
        op: "Conv2DBackpropInput",
        inputs: [dy, filter],
        output: x,
        attributes,
      });
      await expectLikeReference({
        op: "Conv2DBackpropFilter",
        inputs: [x, dy],
        output: filter,
        attributes,
      });
    }
  },
);

const pools: WindowCase[] = [
  { input: [2, 6, 6, 8], filter: [2, 2], strides: [2, 2] },
  { input: [2, 11, 11, 5], filter: [2, 2], strides: [2, 2] },
  { input: [1, 7, 9, 3], filter: [3, 3], strides: [2, 2], padding: "same" },
  { input: [1, 7, 9, 33], filter: [3, 2], strides: [1, 1], padding: "same" },
  { input: [3, 4, 4, 1], filter: [4, 4], strides: [1, 1] },
  { input: [1, 5, 5, 6], filter: [2, 2], strides: [3, 3], padding: [1, 0, 0, 1] },
];

test.each(pools.map((c) => [title(c), c] as const))(
  "pools of %s and their gradients agree",
  async (_, c) => {
    const { height, width, attributes } = geometry(c);
    const settings = { ...attributes, filterSize: c.filter };
    const shape = [c.input[0], height, width, c.input[3]];
    const x = { shape: c.input };
    const y = { shape };
    await expectLikeReference({ op: "MaxPool", inputs: [x], output: y, attributes: settings });
    await expectLikeReference({ op: "AvgPool", inputs: [x], output: y, attributes: settings });
    await expectLikeReference({ op: "AvgPoolGrad", inputs: [y], output: x, attributes: settings });
    // A few values only, so that windows have several maxima.
    const data = await compute(tested, {
      op: "Cast",
      inputs: [
        {
          shape: c.input,
          data: Float32Array.from(
            { length: c.input.reduce((a, b) => a * b) },
            (_, i) => (i * 7919) % 5,
          ),
        },
      ],
      output: { shape: c.input, dtype: "int32" },
    });
    const ties = { shape: c.input, data };
    const maxima = await compute(tested, {
      op: "MaxPool",
      inputs: [ties],
      output: y,
      attributes: settings,
    });
    const inputs = [y, ties, { shape, data: maxima }];
    await expectLikeReference({ op: "MaxPoolGrad", inputs, output: x, attributes: settings });
  },
);

test("a NaN wins its window, and its gradient goes to the first NaN", async () => {
  const attributes = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };
  const data = [1, 2, Number.NaN, Number.NaN];
  const x = { shape: [1, 2, 2, 1], data };
  const y = { shape: [1, 1, 1, 1] };
  const pooled = await compute(tested, { op: "MaxPool", inputs: [x], output: y, attributes });
  expect(pooled).toEqual([Number.NaN]);
  const inputs = [{ ...y, data: [5] }, x, { ...y, data: pooled }];
  const dx = await compute(tested, {
    op: "MaxPoolGrad",
    inputs,
    output: { shape: x.shape },
    attributes,
  });
  expect(dx).toEqual([0, 0, 5, 0]);
});
