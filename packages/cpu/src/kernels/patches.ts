/**
 * Unfolds an image into one row of kh·kw·Ci values per output position, and folds such rows back.
 * A convolution is then a matrix product; stride, dilation and padding are known only here.
 */
import type { WindowGeometry } from "@hone/core/backend";
import type { Floats } from "./kernel.js";

/** Values in the row of one output position. */
export function patchLength(g: WindowGeometry): number {
  return g.filterHeight * g.filterWidth * g.inputChannels;
}

/** Output rows to unfold at a time, so that their patches stay in the processor's cache. */
export function outputRowsPerChunk(g: WindowGeometry): number {
  const cachedValues = 2 ** 15;
  const rows = Math.floor(cachedValues / (g.outputWidth * patchLength(g)));
  return Math.max(1, Math.min(g.outputHeight, rows));
}

/** Unfolds output rows `firstRow` … `firstRow + rowCount − 1` of image `image`; padding is 0. */
export function unfold(
  patches: Float64Array,
  x: Floats,
  g: WindowGeometry,
  image: number,
  firstRow: number,
  rowCount: number,
): void {
  const { inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = g;
  let at = 0;
  for (let row = firstRow; row < firstRow + rowCount; row++) {
    for (let column = 0; column < g.outputWidth; column++) {
      for (let ky = 0; ky < filterHeight; ky++) {
        const iy = row * g.strideHeight - g.padTop + ky * g.dilationHeight;
        const line = (image * inputHeight + iy) * inputWidth;
        for (let kx = 0; kx < filterWidth; kx++) {
          const ix = column * g.strideWidth - g.padLeft + kx * g.dilationWidth;
          const inside = iy >= 0 && iy < inputHeight && ix >= 0 && ix < inputWidth;
          const pixel = (line + ix) * inputChannels;
          for (let channel = 0; channel < inputChannels; channel++) {
            patches[at++] = inside ? (x[pixel + channel] as number) : 0;
          }
        }
      }
    }
  }
}

/** Adds patches to the pixels of one image they were unfolded from; what fell on padding is dropped. */
export function fold(
  image: Float64Array,
  patches: Float64Array,
  g: WindowGeometry,
  firstRow: number,
  rowCount: number,
): void {
  const { inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = g;
  let at = 0;
  for (let row = firstRow; row < firstRow + rowCount; row++) {
    for (let column = 0; column < g.outputWidth; column++) {
      for (let ky = 0; ky < filterHeight; ky++) {
        const iy = row * g.strideHeight - g.padTop + ky * g.dilationHeight;
        for (let kx = 0; kx < filterWidth; kx++) {
          const ix = column * g.strideWidth - g.padLeft + kx * g.dilationWidth;
          const inside = iy >= 0 && iy < inputHeight && ix >= 0 && ix < inputWidth;
          if (inside) {
            const pixel = (iy * inputWidth + ix) * inputChannels;
            for (let channel = 0; channel < inputChannels; channel++) {
              image[pixel + channel] =
                (image[pixel + channel] as number) + (patches[at + channel] as number);
            }
          }
          at += inputChannels;
        }
      }
    }
  }
}
