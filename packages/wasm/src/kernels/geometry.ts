/** Tables that tell kernels how a window walks over images. */
import type { WindowGeometry } from "@hone/core/kernels";
import { type Reference, table } from "./lowering.js";

/** The image a convolution reads: x itself (extents 0), or a copy with a border of zeros. */
export interface Border {
  readonly height: number;
  readonly width: number;
}

export function borderOf(g: WindowGeometry): Border {
  const height =
    (g.outputHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1;
  const width = (g.outputWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1;
  const fits =
    g.padTop === 0 && g.padLeft === 0 && height <= g.inputHeight && width <= g.inputWidth;
  return fits ? { height: 0, width: 0 } : { height, width };
}

/** The record `Window` of assembly/window.ts. */
export function windowTable(
  g: WindowGeometry,
  { height, width }: Border = { height: 0, width: 0 },
): Reference {
  return table([
    g.batch,
    g.inputHeight,
    g.inputWidth,
    g.inputChannels,
    g.outputHeight,
    g.outputWidth,
    g.outputChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.dilationHeight,
    g.dilationWidth,
    g.padTop,
    g.padLeft,
    height,
    width,
  ]);
}

/** Bytes of the bordered copy of an image; 0 without a border. */
export function borderedBytes(g: WindowGeometry, { height, width }: Border): number {
  return 4 * height * width * g.inputChannels;
}

/** Byte offsets, in the image a convolution reads, of positions of its output, given as rows and columns. */
function offsetOfPosition(g: WindowGeometry, border: Border) {
  const pixelBytes = 4 * g.inputChannels;
  const rowBytes = pixelBytes * (border.width || g.inputWidth);
  return (row: number, column: number) =>
    row * g.strideHeight * rowBytes + column * g.strideWidth * pixelBytes;
}

/** By output position, in their order: the byte offset of its patch. */
export function positionTable(g: WindowGeometry, border: Border): Reference {
  const offsetOf = offsetOfPosition(g, border);
  const positions = new Uint32Array(g.outputHeight * g.outputWidth);
  for (let row = 0; row < g.outputHeight; row++) {
    for (let column = 0; column < g.outputWidth; column++) {
      positions[row * g.outputWidth + column] = offsetOf(row, column);
    }
  }
  return table(positions);
}

/** By cell of a pool of 2 by 2 behind the convolution: the byte offsets of its four patches. */
export function cellTable(
  g: WindowGeometry,
  border: Border,
  height: number,
  width: number,
): Reference {
  const offsetOf = offsetOfPosition(g, border);
  const positions = new Uint32Array(4 * height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let corner = 0; corner < 4; corner++) {
        const at = 4 * (row * width + column) + corner;
        positions[at] = offsetOf(2 * row + (corner >> 1), 2 * column + (corner & 1));
      }
    }
  }
  return table(positions);
}

/**
 * By element of a patch: its byte offset in the image, from where the patch begins.
 * @param channels how many of each pixel; all unless given
 */
export function tapTable(
  g: WindowGeometry,
  border: Border,
  channels: number = g.inputChannels,
): Reference {
  const pixelBytes = 4 * g.inputChannels;
  const rowBytes = pixelBytes * (border.width || g.inputWidth);
  const taps = new Uint32Array(g.filterHeight * g.filterWidth * channels);
  let index = 0;
  for (let row = 0; row < g.filterHeight; row++) {
    for (let column = 0; column < g.filterWidth; column++) {
      const tap = row * g.dilationHeight * rowBytes + column * g.dilationWidth * pixelBytes;
      for (let channel = 0; channel < channels; channel++) taps[index++] = tap + 4 * channel;
    }
  }
  return table(taps);
}

/** Elements in a patch. */
export function tapsOf(g: WindowGeometry): number {
  return g.filterHeight * g.filterWidth * g.inputChannels;
}

/** Of the convolution that makes dx out of dy, for strides of 1: by the filter turned by half a turn. */
export function turnedGeometry(g: WindowGeometry): WindowGeometry {
  return {
    ...g,
    inputHeight: g.outputHeight,
    inputWidth: g.outputWidth,
    inputChannels: g.outputChannels,
    outputHeight: g.inputHeight,
    outputWidth: g.inputWidth,
    outputChannels: g.inputChannels,
    padTop: g.filterHeight - 1 - g.padTop,
    padLeft: g.filterWidth - 1 - g.padLeft,
  };
}
