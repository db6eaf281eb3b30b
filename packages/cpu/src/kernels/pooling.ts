/**
 * Pools. The first maximum in row order wins, a NaN before everything; cells of padding never win
 * and are not counted. A window wholly in padding gives −Infinity or NaN.
 */
import {
  listAttribute,
  shapeOfInput,
  shapeOfOutput,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/backend";
import {
  type Floats,
  floatInput,
  floatOutput,
  type KernelFactory,
  type KernelTable,
} from "./kernel.js";

/** Called for every window and channel: where its result lies, and its cells that are not padding. */
type Visit = (
  output: number,
  image: number,
  top: number,
  bottom: number,
  left: number,
  right: number,
  channel: number,
) => void;

function forEachWindow(g: WindowGeometry, visit: Visit): void {
  let output = 0;
  for (let image = 0; image < g.batch; image++) {
    for (let row = 0; row < g.outputHeight; row++) {
      const firstRow = row * g.strideHeight - g.padTop;
      const top = Math.max(0, firstRow);
      const bottom = Math.min(g.inputHeight, firstRow + g.filterHeight);
      for (let column = 0; column < g.outputWidth; column++) {
        const firstColumn = column * g.strideWidth - g.padLeft;
        const left = Math.max(0, firstColumn);
        const right = Math.min(g.inputWidth, firstColumn + g.filterWidth);
        for (let channel = 0; channel < g.inputChannels; channel++) {
          visit(output++, image, top, bottom, left, right, channel);
        }
      }
    }
  }
}

/** Index in x of the window's first maximum, −1 when it has no cells. */
function winner(
  x: Floats,
  g: WindowGeometry,
  image: number,
  top: number,
  bottom: number,
  left: number,
  right: number,
  channel: number,
): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let iy = top; iy < bottom; iy++) {
    for (let ix = left; ix < right; ix++) {
      const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
      const value = x[at] as number;
      if (Number.isNaN(value)) return at;
      if (best < 0 || value > most) {
        best = at;
        most = value;
      }
    }
  }
  return best;
}

const maxPool: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const y = floatOutput(call, views);
  const filter = listAttribute(call, "filterSize");
  const g = windowGeometry(shapeOfInput(call, 0), shapeOfOutput(call), filter, call.attributes);
  const visit: Visit = (output, image, top, bottom, left, right, channel) => {
    const at = winner(x, g, image, top, bottom, left, right, channel);
    y[output] = at < 0 ? Number.NEGATIVE_INFINITY : (x[at] as number);
  };
  return () => forEachWindow(g, visit);
};

const maxPoolGradient: KernelFactory = (call, views) => {
  const dy = floatInput(call, views, 0);
  const x = floatInput(call, views, 1);
  const dx = floatOutput(call, views);
  const filter = listAttribute(call, "filterSize");
  const g = windowGeometry(shapeOfInput(call, 1), shapeOfInput(call, 0), filter, call.attributes);
  const visit: Visit = (output, image, top, bottom, left, right, channel) => {
    const at = winner(x, g, image, top, bottom, left, right, channel);
    if (at >= 0) dx[at] = (dx[at] as number) + (dy[output] as number);
  };
  return () => {
    dx.fill(0);
    forEachWindow(g, visit);
  };
};

const averagePool: KernelFactory = (call, views) => {
  const x = floatInput(call, views, 0);
  const y = floatOutput(call, views);
  const filter = listAttribute(call, "filterSize");
  const g = windowGeometry(shapeOfInput(call, 0), shapeOfOutput(call), filter, call.attributes);
  const visit: Visit = (output, image, top, bottom, left, right, channel) => {
    let sum = 0;
    for (let iy = top; iy < bottom; iy++) {
      for (let ix = left; ix < right; ix++) {
        const pixel = (image * g.inputHeight + iy) * g.inputWidth + ix;
        sum += x[pixel * g.inputChannels + channel] as number;
      }
    }
    y[output] = sum / cellsOf(top, bottom, left, right);
  };
  return () => forEachWindow(g, visit);
};

const averagePoolGradient: KernelFactory = (call, views) => {
  const dy = floatInput(call, views, 0);
  const dx = floatOutput(call, views);
  const filter = listAttribute(call, "filterSize");
  const g = windowGeometry(shapeOfOutput(call), shapeOfInput(call, 0), filter, call.attributes);
  const visit: Visit = (output, image, top, bottom, left, right, channel) => {
    const share = (dy[output] as number) / cellsOf(top, bottom, left, right);
    for (let iy = top; iy < bottom; iy++) {
      for (let ix = left; ix < right; ix++) {
        const pixel = (image * g.inputHeight + iy) * g.inputWidth + ix;
        const at = pixel * g.inputChannels + channel;
        dx[at] = (dx[at] as number) + share;
      }
    }
  };
  return () => {
    dx.fill(0);
    forEachWindow(g, visit);
  };
};

function cellsOf(top: number, bottom: number, left: number, right: number): number {
  return Math.max(0, bottom - top) * Math.max(0, right - left);
}

export const poolingKernels: KernelTable = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
};
