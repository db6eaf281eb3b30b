import { type Shape, sizeOf } from "@hone/core/backend";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WebgpuDevice } from "../device.js";
import { floats, openGpu, relativeError, runCall, type Value } from "../test/run-call.js";

interface Layer {
  readonly x: Shape;
  readonly filter: Shape;
  /** Of the convolution. */
  readonly size: readonly [height: number, width: number];
  readonly strides?: readonly number[];
  readonly padding?: readonly number[];
  readonly relu?: boolean;
  readonly bias?: boolean;
  /** In the forms meant for real GPUs, or in those for software. */
  readonly cooperative?: boolean;
}

const layers: Record<string, Layer> = {
  "a first layer's, with a row and a column left over": {
    x: [3, 9, 11, 1],
    filter: [3, 3, 1, 32],
    size: [7, 9],
  },
  "one of a single image, same, without bias": {
    x: [1, 6, 7, 3],
    filter: [3, 3, 3, 5],
    size: [6, 7],
    padding: [1, 1, 1, 1],
    bias: false,
    cooperative: true,
  },
  "a strided one, padded on one side, linear": {
    x: [2, 9, 10, 2],
    filter: [3, 5, 2, 7],
    size: [4, 5],
    strides: [2, 2],
    padding: [0, 1, 2, 1],
    relu: false,
  },
  "one whose sums are made in parts": {
    x: [1, 6, 6, 144],
    filter: [3, 3, 144, 17],
    size: [4, 4],
  },
  "one whose gradients are summed in parts": {
    x: [40, 14, 14, 2],
    filter: [3, 3, 2, 6],
    size: [12, 12],
    // A software adapter takes half a minute for it in the forms meant for others.
    cooperative: process.env.HONE_SOAK === "1",
  },
};

const PAIRS = { filterSize: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] };

let devices: Record<"plain" | "cooperative", WebgpuDevice>;
beforeAll(async () => {
  devices = {
    plain: await openGpu({ cooperative: false, joint: false }),
    cooperative: await openGpu({ cooperative: true, joint: true }),
  };
});
afterAll(async () => {
  for (const device of Object.values(devices)) await device.close();
});

/** The gradient of pool and relu, by each of them alone. */
function masked(dc: Float32Array, c: Float32Array, relu: boolean): Float32Array {
  return relu ? dc.map((value, index) => ((c[index] as number) > 0 ? value : 0)) : dc;
}

function columnSums(values: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  values.forEach((value, index) => {
    sums[index % columns] = (sums[index % columns] as number) + value;
  });
  return sums;
}

test.each(Object.entries(layers))(
  "a convolution and its pool in one are what they are one by one: %s",
  async (_, layer) => {
    const device = layer.cooperative ? devices.cooperative : devices.plain;
    const { x, filter, size, strides = [1, 1], padding = [0, 0, 0, 0] } = layer;
    const { relu = true, bias = true } = layer;
    const columns = filter[3] as number;
    const window = { strides, padding, dilations: [1, 1] };
    const attributes = { ...window, activation: relu ? "relu" : "linear", outputSize: size };
    const inputs = [floats(x, 2), floats(filter, 3), ...(bias ? [floats([columns], 4)] : [])];
    const one = async (op: string, given: readonly Value[], shape: Shape, more: object) => {
      const spec = { inputs: given, outputs: [{ shape }], attributes: { ...more }, device };
      const [data] = await runCall(op, spec);
      return { shape, data: data as Float32Array };
    };
    const cShape = [x[0] as number, ...size, columns];
    const yShape = [x[0] as number, ...size.map((extent) => Math.floor(extent / 2)), columns];
    const c = await one("FusedConv2D", inputs, cShape, attributes);
    const y = await one("MaxPool", [c], yShape, PAIRS);
    const pooled = () =>
      runCall("FusedConv2DMaxPool", {
        inputs,
        outputs: [{ shape: yShape }, { shape: yShape, dtype: "int32" }],
        attributes,
        device,
      });
    const [found, winners] = await pooled();
    expect(relativeError(found as Float32Array, y.data)).toBeLessThan(1e-5);
    expect(await pooled()).toEqual([found, winners]);
    const alone = await one("FusedConv2DMaxPool", inputs, yShape, attributes);
    expect(alone.data).toEqual(found);

    const dy = floats(yShape, 5);
    const dPool = await one("MaxPoolGrad", [dy, c, y], cShape, PAIRS);
    const dc = { shape: cShape, data: masked(dPool.data, c.data, relu) };
    expect(sizeOf(cShape)).toBe(dc.data.length);
    const noted = { shape: yShape, data: winners as Int32Array };
    const backwards = () =>
      runCall("FusedConv2DMaxPoolBackpropFilter", {
        inputs: [floats(x, 2), dy, noted],
        outputs: [{ shape: filter }, { shape: [columns] }],
        attributes: { ...attributes, filterShape: filter },
        device,
      });
    const [dFilter, dBias] = await backwards();
    const wanted = await one("Conv2DBackpropFilter", [floats(x, 2), dc], filter, window);
    expect(relativeError(dFilter as Float32Array, wanted.data)).toBeLessThan(1e-5);
    expect(relativeError(dBias as Float32Array, columnSums(dc.data, columns))).toBeLessThan(1e-5);
    expect(await backwards()).toEqual([dFilter, dBias]);
    const dx = await one("FusedConv2DMaxPoolBackpropInput", [dy, noted, floats(filter, 3)], x, {
      ...attributes,
      inputShape: x,
    });
    const dxWanted = await one("Conv2DBackpropInput", [dc, floats(filter, 3)], x, window);
    expect(relativeError(dx.data, dxWanted.data)).toBeLessThan(1e-5);
  },
);
