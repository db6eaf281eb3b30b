/** The extents of a convolution or pool as WGSL constants. */
import type { WindowGeometry } from "@hone/core/backend";
import type { Constants } from "./kernel.js";

export function windowConstants(window: WindowGeometry): Constants {
  return {
    INPUT_HEIGHT: window.inputHeight,
    INPUT_WIDTH: window.inputWidth,
    INPUT_CHANNELS: window.inputChannels,
    OUTPUT_HEIGHT: window.outputHeight,
    OUTPUT_WIDTH: window.outputWidth,
    OUTPUT_CHANNELS: window.outputChannels,
    FILTER_HEIGHT: window.filterHeight,
    FILTER_WIDTH: window.filterWidth,
    STRIDE_HEIGHT: window.strideHeight,
    STRIDE_WIDTH: window.strideWidth,
    DILATION_HEIGHT: window.dilationHeight,
    DILATION_WIDTH: window.dilationWidth,
    PAD_TOP: window.padTop,
    PAD_LEFT: window.padLeft,
    PADDED: reachesPadding(window),
  };
}

function reachesPadding(window: WindowGeometry): boolean {
  const bottom =
    (window.outputHeight - 1) * window.strideHeight -
    window.padTop +
    (window.filterHeight - 1) * window.dilationHeight;
  const right =
    (window.outputWidth - 1) * window.strideWidth -
    window.padLeft +
    (window.filterWidth - 1) * window.dilationWidth;
  return (
    window.padTop > 0 ||
    window.padLeft > 0 ||
    bottom >= window.inputHeight ||
    right >= window.inputWidth
  );
}
