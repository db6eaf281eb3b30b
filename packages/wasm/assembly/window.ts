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

/** The image itself, or its copy with the border of zeros that padding stands for. */
export function bordered(image: usize, w: Window, copy: usize): usize {
  if (w.paddedHeight == 0) return image;
  const pixel = w.inputChannels << 2;
  const rowBytes = w.paddedWidth * pixel;
  const left = min(w.padLeft * pixel, rowBytes);
  // Columns past the last window's reach are left out.
  const inside = min(w.inputWidth * pixel, rowBytes - left);
  const right = rowBytes - left - inside;
  let to = copy;
  for (let row = 0; row < w.paddedHeight; row++) {
    const y = row - w.padTop;
    if (y < 0 || y >= w.inputHeight) {
      memory.fill(to, 0, rowBytes);
    } else {
      memory.fill(to, 0, left);
      memory.copy(to + left, image + <usize>(y * w.inputWidth) * pixel, inside);
      memory.fill(to + left + inside, 0, right);
    }
    to += rowBytes;
  }
  return copy;
}

/** Bytes of the image a convolution reads: itself, or its bordered copy. */
export function readImageBytes(w: Window): usize {
  if (w.paddedHeight == 0) return inputImageBytes(w);
  return (<usize>(w.paddedHeight * w.paddedWidth * w.inputChannels)) << 2;
}

/** dx is the inside of its bordered copy; what no window reached is zero. */
export function cropBorder(copy: usize, dx: usize, w: Window): void {
  const pixel = w.inputChannels << 2;
  const rowBytes = w.paddedWidth * pixel;
  const lineBytes = w.inputWidth * pixel;
  const left = min(w.padLeft * pixel, rowBytes);
  const inside = min(lineBytes, rowBytes - left);
  for (let y = 0; y < w.inputHeight; y++) {
    const row = y + w.padTop;
    if (row >= w.paddedHeight) {
      memory.fill(dx, 0, lineBytes);
    } else {
      memory.copy(dx, copy + <usize>row * rowBytes + left, inside);
      memory.fill(dx + inside, 0, lineBytes - inside);
    }
    dx += lineBytes;
  }
}
