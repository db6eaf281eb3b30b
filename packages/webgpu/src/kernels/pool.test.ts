import { type Shape, sizeOf, windowGeometry } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, floatsOf, relativeError, runCall, type Value } from "../test/run-call.js";

interface Case {
  readonly x: Shape;
  readonly y: Shape;
  readonly filterSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly number[];
}

const cases: Record<string, Case> = {
  "2x2 with a row left over": {
    x: [2, 7, 6, 3],
    y: [2, 3, 3, 3],
    filterSize: [2, 2],
    strides: [2, 2],
    padding: [0, 0, 0, 0],
  },
  "3x3 that overlap": {
    x: [2, 6, 7, 2],
    y: [2, 4, 5, 2],
    filterSize: [3, 3],
    strides: [1, 1],
    padding: [0, 0, 0, 0],
  },
  "3x2 with padding": {
    x: [1, 7, 5, 4],
    y: [1, 4, 3, 4],
    filterSize: [3, 2],
    strides: [2, 2],
    padding: [1, 1, 0, 1],
  },
  global: {
    x: [3, 5, 4, 2],
    y: [3, 1, 1, 2],
    filterSize: [5, 4],
    strides: [5, 4],
    padding: [0, 0, 0, 0],
  },
  "1x1 that skip cells": {
    x: [1, 5, 5, 1],
    y: [1, 3, 3, 1],
    filterSize: [1, 1],
    strides: [2, 2],
    padding: [0, 0, 0, 0],
  },
};

/** For each output element the flat indices of its window's cells, in row order. */
function windows({ x, y, ...attributes }: Case): number[][] {
  const g = windowGeometry(x, y, attributes.filterSize, attributes);
  const channels = g.inputChannels;
  return Array.from({ length: sizeOf(y) }, (_, index) => {
    const place = Math.floor(index / channels);
    const ox = place % g.outputWidth;
    const oy = Math.floor(place / g.outputWidth) % g.outputHeight;
    const image = Math.floor(place / (g.outputWidth * g.outputHeight));
    const cells: number[] = [];
    for (let fy = 0; fy < g.filterHeight; fy++) {
      for (let fx = 0; fx < g.filterWidth; fx++) {
        const iy = oy * g.strideHeight - g.padTop + fy;
        const ix = ox * g.strideWidth - g.padLeft + fx;
        if (iy < 0 || ix < 0 || iy >= g.inputHeight || ix >= g.inputWidth) continue;
        cells.push(
          ((image * g.inputHeight + iy) * g.inputWidth + ix) * channels + (index % channels),
        );
      }
    }
    return cells;
  });
}

function add(target: Float64Array, index: number, value: number): void {
  target[index] = (target[index] as number) + value;
}

/** Many ties, since the first of equal maxima must win. */
function coarse(shape: Shape): Value {
  const value = floats(shape, 6);
  for (let index = 0; index < value.data.length; index++) {
    value.data[index] = Math.round((value.data[index] as number) * 3) - 4;
  }
  return value;
}

for (const [name, pool] of Object.entries(cases)) {
  const { x, y, ...attributes } = pool;

  test(`a maximum pool of windows ${name} finds maxima and sends gradients to the first`, async () => {
    const input = coarse(x);
    const dy = floats(y, 7);
    const best = new Float64Array(sizeOf(y));
    const dx = new Float64Array(sizeOf(x));
    windows(pool).forEach((cells, index) => {
      const winner = cells.reduce((a, b) =>
        (input.data[b] as number) > (input.data[a] as number) ? b : a,
      );
      best[index] = input.data[winner] as number;
      add(dx, winner, dy.data[index] as number);
    });
    const [forward] = await runCall("MaxPool", {
      inputs: [input],
      outputs: [{ shape: y }],
      attributes,
    });
    expect(relativeError(forward as Float32Array, best)).toBe(0);
    const [backward] = await runCall("MaxPoolGrad", {
      inputs: [dy, input, { shape: y, data: forward as Float32Array }],
      outputs: [{ shape: x }],
      attributes,
    });
    expect(relativeError(backward as Float32Array, dx)).toBeLessThan(1e-6);
  });

  test(`a mean pool of windows ${name} leaves padding out`, async () => {
    const [input, dy] = [floats(x, 6), floats(y, 7)];
    const mean = new Float64Array(sizeOf(y));
    const dx = new Float64Array(sizeOf(x));
    windows(pool).forEach((cells, index) => {
      for (const cell of cells) {
        add(mean, index, (input.data[cell] as number) / cells.length);
        add(dx, cell, (dy.data[index] as number) / cells.length);
      }
    });
    const [forward] = await runCall("AvgPool", {
      inputs: [input],
      outputs: [{ shape: y }],
      attributes,
    });
    expect(relativeError(forward as Float32Array, mean)).toBeLessThan(1e-6);
    const [backward] = await runCall("AvgPoolGrad", {
      inputs: [dy],
      outputs: [{ shape: x }],
      attributes,
    });
    expect(relativeError(backward as Float32Array, dx)).toBeLessThan(1e-6);
  });
}

test("a maximum pool keeps NaN and negative infinity", async () => {
  const low = Number.NEGATIVE_INFINITY;
  const [y] = await runCall("MaxPool", {
    inputs: [floatsOf([1, 2, 4, 1], [low, low, 1, Number.NaN, low, low, 2, 3])],
    outputs: [{ shape: [1, 1, 2, 1] }],
    attributes: { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] },
  });
  expect([...(y ?? [])]).toEqual([low, Number.NaN]);
});
