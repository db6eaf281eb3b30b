/** Depthwise convolution and its two gradients: output channel c·M + m comes from channel c alone. */
import {
  shapeOfInput,
  shapeOfOutput,
  type WindowGeometry,
  windowGeometry,
} from "@hone/core/backend";
import { floatInput, floatOutput, type KernelFactory, type KernelTable } from "./kernel.js";

/** Where a tap of a window meets an image: the first elements of that pixel, of the output position and of the tap's filters. */
type Visit = (pixel: number, position: number, filter: number) => void;

/** Every tap of every window that does not lie on padding, of image `image`, positions in row order. */
function forEachTap(g: WindowGeometry, image: number, visit: Visit): void {
  for (let row = 0; row < g.outputHeight; row++) {
    for (let column = 0; column < g.outputWidth; column++) {
      const position = ((image * g.outputHeight + row) * g.outputWidth + column) * g.outputChannels;
      for (let ky = 0; ky < g.filterHeight; ky++) {
        const y = row * g.strideHeight - g.padTop + ky * g.dilationHeight;
        if (y < 0 || y >= g.inputHeight) continue;
        const line = (image * g.inputHeight + y) * g.inputWidth;
        for (let kx = 0; kx < g.filterWidth; kx++) {
          const x = column * g.strideWidth - g.padLeft + kx * g.dilationWidth;
          if (x < 0 || x >= g.inputWidth) continue;
          const filter = (ky * g.filterWidth + kx) * g.outputChannels;
          visit((line + x) * g.inputChannels, position, filter);
        }
      }
    }
  }
}

const depthwise: KernelFactory = (call, views) => {
  const [x, filter] = [floatInput(call, views, 0), floatInput(call, views, 1)];
  const y = floatOutput(call, views);
  const [image, result] = [shapeOfInput(call, 0), shapeOfOutput(call)];
  const g = windowGeometry(image, result, shapeOfInput(call, 1), call.attributes);
  const multiplier = g.outputChannels / g.inputChannels;
  const sums = new Float64Array(y.length);
  const addTap: Visit = (pixel, position, tap) => {
    for (let output = 0; output < g.outputChannels; output++) {
      const channel = Math.floor(output / multiplier);
      sums[position + output] =
        (sums[position + output] as number) +
        (x[pixel + channel] as number) * (filter[tap + output] as number);
    }
  };
  return () => {
    sums.fill(0);
    for (let index = 0; index < g.batch; index++) forEachTap(g, index, addTap);
    y.set(sums);
  };
};

const inputGradient: KernelFactory = (call, views) => {
  const [dy, filter] = [floatInput(call, views, 0), floatInput(call, views, 1)];
  const dx = floatOutput(call, views);
  const [image, result] = [shapeOfOutput(call), shapeOfInput(call, 0)];
  const g = windowGeometry(image, result, shapeOfInput(call, 1), call.attributes);
  const multiplier = g.outputChannels / g.inputChannels;
  const sums = new Float64Array(dx.length);
  const addTap: Visit = (pixel, position, tap) => {
    for (let output = 0; output < g.outputChannels; output++) {
      const channel = Math.floor(output / multiplier);
      sums[pixel + channel] =
        (sums[pixel + channel] as number) +
        (dy[position + output] as number) * (filter[tap + output] as number);
    }
  };
  return () => {
    sums.fill(0);
    for (let index = 0; index < g.batch; index++) forEachTap(g, index, addTap);
    dx.set(sums);
  };
};

const filterGradient: KernelFactory = (call, views) => {
  const [x, dy] = [floatInput(call, views, 0), floatInput(call, views, 1)];
  const dFilter = floatOutput(call, views);
  const [image, result] = [shapeOfInput(call, 0), shapeOfInput(call, 1)];
  const g = windowGeometry(image, result, shapeOfOutput(call), call.attributes);
  const multiplier = g.outputChannels / g.inputChannels;
  const sums = new Float64Array(dFilter.length);
  const addTap: Visit = (pixel, position, tap) => {
    for (let output = 0; output < g.outputChannels; output++) {
      const channel = Math.floor(output / multiplier);
      sums[tap + output] =
        (sums[tap + output] as number) +
        (x[pixel + channel] as number) * (dy[position + output] as number);
    }
  };
  return () => {
    sums.fill(0);
    for (let index = 0; index < g.batch; index++) forEachTap(g, index, addTap);
    dFilter.set(sums);
  };
};

export const depthwiseKernels: KernelTable = {
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  DepthwiseConv2dNativeBackpropFilter: filterGradient,
};
