import { samePadding, windowOutput } from "@hone/core/backend";
import { expect, test } from "vitest";
import { at, build, expectClose, floats, randomFloats, runCall, sizeOf } from "../test/run-call.js";

interface Case {
  readonly title: string;
  readonly input: readonly number[];
  readonly filter: readonly number[];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding?: readonly number[] | "same";
}

const cases: readonly Case[] = [
  { title: "valid padding", input: [2, 5, 6, 3], filter: [3, 3, 3, 4] },
  { title: "one channel, 1×1 filter", input: [1, 3, 3, 1], filter: [1, 1, 1, 1] },
  { title: "same padding", input: [2, 4, 5, 2], filter: [3, 3, 2, 3], padding: "same" },
  {
    title: "same padding that is larger below and right, stride 2",
    input: [1, 6, 8, 2],
    filter: [3, 5, 2, 5],
    strides: [2, 2],
    padding: "same",
  },
  {
    title: "uneven strides",
    input: [2, 7, 6, 1],
    filter: [2, 3, 1, 2],
    strides: [3, 2],
    padding: [1, 0, 0, 2],
  },
  {
    title: "dilation 2 and 3, same padding",
    input: [1, 7, 8, 2],
    filter: [3, 2, 2, 3],
    dilations: [2, 3],
    padding: "same",
  },
  {
    title: "more patches than are unfolded at a time",
    input: [1, 24, 24, 10],
    filter: [5, 5, 10, 2],
  },
];

function geometry({ input, filter, strides = [1, 1], dilations = [1, 1], padding }: Case) {
  const sides = [0, 1].flatMap((axis) => {
    const extents = [input[axis + 1], filter[axis], strides[axis], dilations[axis]];
    if (padding !== "same") return padding?.slice(2 * axis, 2 * axis + 2) ?? [0, 0];
    return samePadding(...(extents as [number, number, number, number]));
  });
  const extent = (axis: number) => {
    const total = (sides[2 * axis] as number) + (sides[2 * axis + 1] as number);
    const [size, window] = [input[axis + 1] as number, filter[axis] as number];
    return windowOutput(size, window, strides[axis] as number, dilations[axis] as number, total);
  };
  const output = [input[0] as number, extent(0), extent(1), filter[3] as number];
  return { output, attributes: { strides, dilations, padding: sides } };
}

test.each(cases)("Conv2D is the sum over the window: $title", async (config) => {
  const { output, attributes } = geometry(config);
  const [x, filter] = [randomFloats(config.input, 1), randomFloats(config.filter, 2)];
  const [, height = 0, width = 0, channels = 0] = config.input;
  const [filterHeight = 0, filterWidth = 0] = config.filter;
  const { strides, dilations, padding } = attributes;
  const expected = build(output, ([image = 0, row = 0, column = 0, channel = 0]) => {
    let sum = 0;
    for (let ky = 0; ky < filterHeight; ky++) {
      for (let kx = 0; kx < filterWidth; kx++) {
        const iy = row * strides[0] + ky * dilations[0] - (padding[0] as number);
        const ix = column * strides[1] + kx * dilations[1] - (padding[2] as number);
        if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
        for (let ci = 0; ci < channels; ci++) {
          sum += at(x, [image, iy, ix, ci]) * at(filter, [ky, kx, ci, channel]);
        }
      }
    }
    return sum;
  });
  const result = { shape: output };
  expectClose(await runCall("Conv2D", [x, filter], result, { attributes }), expected);
  const single = await runCall("Conv2D", [x, filter], result, { attributes, precision: 32 });
  expectClose(single, expected, 2e-5);
});

/** Indices of at most 60 elements, spread over a tensor. */
function sample(length: number): number[] {
  const count = Math.min(length, 60);
  return Array.from({ length: count }, (_, index) => Math.floor((index * length) / count));
}

/** A convolution is linear in each operand, so a difference over a step of 2 is its derivative. */
test.each(cases)("both gradients match finite differences of Conv2D: $title", async (config) => {
  const { output, attributes } = geometry(config);
  const [x, filter] = [randomFloats(config.input, 1), randomFloats(config.filter, 2)];
  const dy = randomFloats(output, 3);
  const weightedOutput = async (operands: readonly [typeof x, typeof x]) => {
    const y = await runCall("Conv2D", operands, { shape: output }, { attributes });
    return y.reduce((sum, value, index) => sum + value * (dy.values[index] as number), 0);
  };
  const inputGradient = await runCall("Conv2DBackpropInput", [dy, filter], x, { attributes });
  const filterGradient = await runCall("Conv2DBackpropFilter", [x, dy], filter, { attributes });
  for (const [which, gradient] of [inputGradient, filterGradient].entries()) {
    const operand = which === 0 ? x : filter;
    expect(gradient).toHaveLength(sizeOf(operand.shape));
    for (const index of sample(gradient.length)) {
      const move = (by: number) => {
        const values = operand.values.map((value, i) => (i === index ? value + by : value));
        const moved = floats(operand.shape, values);
        return weightedOutput(which === 0 ? [moved, filter] : [x, moved]);
      };
      const expected = ((await move(1)) - (await move(-1))) / 2;
      expect(Math.abs((gradient[index] as number) - expected)).toBeLessThan(1e-11);
    }
  }
});

test.each(cases)(
  "in 32 bits both gradients are those of 64 bits, rounded: $title",
  async (config) => {
    const { output, attributes } = geometry(config);
    const round = ({ shape, values }: ReturnType<typeof randomFloats>) =>
      floats(shape, values.map(Math.fround));
    const x = round(randomFloats(config.input, 1));
    const filter = round(randomFloats(config.filter, 2));
    const dy = round(randomFloats(output, 3));
    for (const [op, inputs, result] of [
      ["Conv2DBackpropInput", [dy, filter], x],
      ["Conv2DBackpropFilter", [x, dy], filter],
    ] as const) {
      const double = await runCall(op, inputs, result, { attributes });
      const single = await runCall(op, inputs, result, { attributes, precision: 32 });
      expect(single).toEqual(double.map(Math.fround));
    }
  },
);
