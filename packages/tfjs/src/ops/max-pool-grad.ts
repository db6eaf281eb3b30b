/** The gradient of a max pool where the stock kernel's is wrong. */
import { listAttribute, shapeOfInput } from "@hone/core/backend";
import type { Tensor } from "../stock/stock.js";
import { paddingOf } from "./padding.js";
import { type CallRun, type Composition, reshaped } from "./stock-op.js";

/** Near float32's largest number; and below its negative, so that padding wins over nothing. */
const LARGEST = 3.3e38;
const PADDING = -3.4e38;

/**
 * The gradient by way of convolutions. A convolution with a filter for each cell of the window, 1 there
 * and 0 elsewhere, lays the window's cells side by side, where ArgMax finds the first maximum; the same
 * filters carry the gradient back. Channels become images of their own.
 */
export const maxPoolGradByConvolution: Composition = {
  kernels: [
    "ArgMax",
    "ClipByValue",
    "Conv2D",
    "Conv2DBackpropInput",
    "Multiply",
    "OneHot",
    "PadV2",
    "Transpose",
  ],
  lower: (call) => {
    const shape = shapeOfInput(call, 1);
    const [batch, height, width, channels] = shape as readonly [number, number, number, number];
    const [, down, across] = shapeOfInput(call, 0) as readonly [number, number, number, number];
    const [rows, columns] = listAttribute(call, "filterSize") as readonly [number, number];
    const [top = 0, bottom = 0, left = 0, right = 0] = listAttribute(call, "padding");
    const cells = rows * columns;
    const images = batch * channels;
    const padded = [images, height + top + bottom, width + left + right, 1];
    const windows = {
      strides: listAttribute(call, "strides"),
      pad: "valid",
      dataFormat: "NHWC",
      dilations: [1, 1],
    };
    const paddings = paddingOf(call);
    const toImages = (run: CallRun, x: Tensor) =>
      run.kernel("Transpose", { x }, { perm: [0, 3, 1, 2] });
    const eye = () => {
      const values = new Float32Array(cells * cells);
      for (let cell = 0; cell < cells; cell++) values[cell * cells + cell] = 1;
      return { values, shape: [rows, columns, 1, cells] };
    };
    return (run) => {
      const filter = run.constant("cells", eye);
      // Zero times an infinity would be NaN, so the largest numbers stand for them.
      const finite = run.kernel(
        "ClipByValue",
        { x: toImages(run, run.input(1)) },
        { clipValueMin: -LARGEST, clipValueMax: LARGEST },
      );
      const x = run.kernel(
        "PadV2",
        { x: reshaped(finite, [images, height, width, 1]) },
        { paddings, constantValue: PADDING },
      );
      const laid = run.kernel("Conv2D", { x, filter }, windows);
      const winners = run.kernel(
        "ArgMax",
        { x: reshaped(laid, [images * down * across, cells]) },
        { axis: 1 },
      );
      const attributes = { depth: cells, onValue: 1, offValue: 0, dtype: "int32" };
      const chosen = run.kernel("OneHot", { indices: winners }, attributes);
      const shares = run.kernel("Multiply", {
        a: run.kernel("Cast", { x: chosen }, { dtype: "float32" }),
        b: reshaped(toImages(run, run.input(0)), [images * down * across, 1]),
      });
      const dx = run.kernel(
        "Conv2DBackpropInput",
        { dy: reshaped(shares, [images, down, across, cells]), filter },
        { ...windows, inputShape: padded },
      );
      const inside = run.kernel(
        "Slice",
        { x: dx },
        { begin: [0, top, left, 0], size: [images, height, width, 1] },
      );
      return run.kernel(
        "Transpose",
        { x: reshaped(inside, [batch, channels, height, width]) },
        { perm: [0, 2, 3, 1] },
      );
    };
  },
};
