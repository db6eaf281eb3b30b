import { type Shape, sizeOf, type WindowGeometry, windowGeometry } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, relativeError, runCall } from "../test/run-call.js";

interface Case {
  readonly x: Shape;
  readonly filter: Shape;
  readonly y: Shape;
  readonly strides: readonly number[];
  readonly padding: readonly number[];
  readonly dilations: readonly number[];
}

const plain = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1] };
const cases: Record<string, Case> = {
  "valid with one channel": { x: [3, 9, 8, 1], filter: [3, 3, 1, 5], y: [3, 7, 6, 5], ...plain },
  "valid with 32 channels": {
    x: [4, 7, 7, 32],
    filter: [3, 3, 32, 32],
    y: [4, 5, 5, 32],
    ...plain,
  },
  "same with 5x5": {
    x: [2, 6, 7, 3],
    filter: [5, 5, 3, 20],
    y: [2, 6, 7, 20],
    ...plain,
    padding: [2, 2, 2, 2],
  },
  "strided, padded unevenly": {
    x: [2, 8, 9, 4],
    filter: [3, 2, 4, 6],
    y: [2, 4, 3, 6],
    strides: [2, 3],
    padding: [0, 1, 0, 0],
    dilations: [1, 1],
  },
  dilated: {
    x: [2, 9, 9, 2],
    filter: [3, 3, 2, 3],
    y: [2, 7, 5, 3],
    strides: [1, 1],
    padding: [1, 1, 0, 0],
    dilations: [2, 2],
  },
  "long batches": { x: [64, 10, 10, 2], filter: [3, 3, 2, 4], y: [64, 8, 8, 4], ...plain },
};

/** Calls `visit` for every product of the convolution, with flat indices into x, filter and y. */
function walk(g: WindowGeometry, visit: (x: number, filter: number, y: number) => void): void {
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        for (let fy = 0; fy < g.filterHeight; fy++) {
          for (let fx = 0; fx < g.filterWidth; fx++) {
            const iy = oy * g.strideHeight - g.padTop + fy * g.dilationHeight;
            const ix = ox * g.strideWidth - g.padLeft + fx * g.dilationWidth;
            if (iy < 0 || ix < 0 || iy >= g.inputHeight || ix >= g.inputWidth) continue;
            for (let ci = 0; ci < g.inputChannels; ci++) {
              const x = ((b * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + ci;
              for (let co = 0; co < g.outputChannels; co++) {
                const f =
                  ((fy * g.filterWidth + fx) * g.inputChannels + ci) * g.outputChannels + co;
                visit(
                  x,
                  f,
                  ((b * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels + co,
                );
              }
            }
          }
        }
      }
    }
  }
}

for (const [name, { x, filter, y, ...attributes }] of Object.entries(cases)) {
  const geometry = windowGeometry(x, y, filter, attributes);

  test(`a convolution that is ${name} gives the sum of its products`, async () => {
    const [input, weights, bias] = [
      floats(x, 2),
      floats(filter, 3),
      floats([filter[3] as number], 4),
    ];
    const right = new Float64Array(sizeOf(y));
    walk(geometry, (i, f, o) => {
      right[o] = (right[o] as number) + (input.data[i] as number) * (weights.data[f] as number);
    });
    const [plainly] = await runCall("Conv2D", {
      inputs: [input, weights],
      outputs: [{ shape: y }],
      attributes,
    });
    expect(relativeError(plainly as Float32Array, right)).toBeLessThan(2e-6);
    const [fused] = await runCall("FusedConv2D", {
      inputs: [input, weights, bias],
      outputs: [{ shape: y }],
      attributes: { ...attributes, activation: "relu" },
    });
    const cut = right.map((value, index) =>
      Math.max(0, value + (bias.data[index % bias.data.length] as number)),
    );
    expect(relativeError(fused as Float32Array, cut)).toBeLessThan(2e-6);
  });

  test(`its gradients are right when it is ${name}`, async () => {
    const [input, weights, dy] = [floats(x, 2), floats(filter, 3), floats(y, 5)];
    const dx = new Float64Array(sizeOf(x));
    const df = new Float64Array(sizeOf(filter));
    walk(geometry, (i, f, o) => {
      dx[i] = (dx[i] as number) + (dy.data[o] as number) * (weights.data[f] as number);
      df[f] = (df[f] as number) + (dy.data[o] as number) * (input.data[i] as number);
    });
    const [forInput] = await runCall("Conv2DBackpropInput", {
      inputs: [dy, weights],
      outputs: [{ shape: x }],
      attributes,
    });
    expect(relativeError(forInput as Float32Array, dx)).toBeLessThan(2e-6);
    const [forFilter] = await runCall("Conv2DBackpropFilter", {
      inputs: [input, dy],
      outputs: [{ shape: filter }],
      attributes,
    });
    expect(relativeError(forFilter as Float32Array, df)).toBeLessThan(3e-6);
  });
}
