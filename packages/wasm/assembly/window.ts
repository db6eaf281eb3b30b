// The extents of a convolution or pool: WindowGeometry of core, in its order.

// @ts-ignore: decorator
@unmanaged
export class Window {
  batch: i32;
  inputHeight: i32;
  inputWidth: i32;
  inputChannels: i32;
  outputHeight: i32;
  outputWidth: i32;
  outputChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  /** Of the image's copy with a border of zeros that a convolution reads; 0 without. */
  paddedHeight: i32;
  paddedWidth: i32;
}

// @ts-ignore: decorator
@inline
export function inputImageBytes(w: Window): usize {
  return (<usize>(w.inputHeight * w.inputWidth * w.inputChannels)) << 2;
}

// @ts-ignore: decorator
@inline
export function outputImageBytes(w: Window): usize {
  return (<usize>(w.outputHeight * w.outputWidth * w.outputChannels)) << 2;
}
