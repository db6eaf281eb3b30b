// Convolutions as matrix products over one image at a time, whose rows and terms are looked up in
// two tables the host makes: `positions` (byte offset of each output position's patch in the image)
// and `taps` (byte offset of each filter tap and channel inside a patch). No patch is ever copied;
// a border of zeros, where padding needs one, is.
import { multiply, packPanels, packTransposed } from "./product";
import { inputImageBytes, outputImageBytes, Window } from "./window";

/** The image itself, or its copy with the border of zeros that padding stands for. */
function bordered(image: usize, w: Window, copy: usize): usize {
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

/**
 * y = max(x ∗ filter + bias, floor).
 * @param packed taps·⌈Co / 8⌉·32 bytes @param copy one bordered image
 */
export function conv2d(
  x: usize,
  filter: usize,
  bias: usize,
  y: usize,
  window: usize,
  positions: usize,
  taps: usize,
  packed: usize,
  copy: usize,
  scratch: usize,
  floor: f32,
): void {
  const w = changetype<Window>(window);
  const m = w.outputHeight * w.outputWidth;
  const k = w.filterHeight * w.filterWidth * w.inputChannels;
  const n = w.outputChannels;
  const panel = <usize>k << 5;
  const stepY = <usize>n << 2;
  packPanels(filter, k, n, packed);
  for (let i = 0; i < w.batch; i++) {
    const image = bordered(x, w, copy);
    multiply(
      image, positions, m, taps, k, packed, 32, panel, n, bias, 0, y, stepY, floor, scratch,
    );
    x += inputImageBytes(w);
    y += outputImageBytes(w);
  }
}

/** dFilter = Σ over images and positions of patch ⊗ dy: the tables change places. */
export function conv2dBackpropFilter(
  x: usize,
  dy: usize,
  dFilter: usize,
  window: usize,
  positions: usize,
  taps: usize,
  copy: usize,
  scratch: usize,
): void {
  const w = changetype<Window>(window);
  const m = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputHeight * w.outputWidth;
  const n = w.outputChannels;
  const step = <usize>n << 2;
  memory.fill(dFilter, 0, <usize>m * step);
  for (let i = 0; i < w.batch; i++) {
    const image = bordered(x, w, copy);
    multiply(
      image, taps, m, positions, k, dy, step, 32, n, dFilter, step, dFilter, step, -Infinity, scratch,
    );
    x += inputImageBytes(w);
    dy += outputImageBytes(w);
  }
}

/**
 * dx: each position's patch of gradients, dy · filterᵀ, added where the patch lay.
 * @param pixels, channels tables of dy's byte offsets @param packed Co·⌈taps / 8⌉·32 bytes
 * @param patches `block`·taps·4 bytes @param block positions computed at a time
 */
export function conv2dBackpropInput(
  dy: usize,
  filter: usize,
  dx: usize,
  window: usize,
  pixels: usize,
  channels: usize,
  packed: usize,
  patches: usize,
  block: i32,
  scratch: usize,
): void {
  const w = changetype<Window>(window);
  const n = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputChannels;
  const total = w.outputHeight * w.outputWidth;
  const panel = <usize>k << 5;
  const step = <usize>n << 2;
  const pixelBytes = <usize>k << 2;
  packTransposed(filter, k, n, packed);
  memory.fill(dx, 0, <usize>w.batch * inputImageBytes(w));
  for (let i = 0; i < w.batch; i++) {
    for (let first = 0; first < total; first += block) {
      const m = min(block, total - first);
      const from = dy + <usize>first * pixelBytes;
      multiply(
        from, pixels, m, channels, k, packed, 32, panel, n, 0, 0, patches, step, -Infinity, scratch,
      );
      let patch = patches;
      for (let p = first; p < first + m; p++) {
        addPatch(patch, dx, w, p / w.outputWidth, p % w.outputWidth);
        patch += step;
      }
    }
    dy += outputImageBytes(w);
    dx += inputImageBytes(w);
  }
}

/** Adds the patch of output position (row, column) to one image, leaving out what lies in the border. */
function addPatch(patch: usize, dx: usize, w: Window, row: i32, column: i32): void {
  const channels = w.inputChannels;
  const pixel = <usize>channels << 2;
  const left = column * w.strideWidth - w.padLeft;
  const inside = left >= 0 && left + w.filterWidth <= w.inputWidth && w.dilationWidth == 1;
  for (let i = 0; i < w.filterHeight; i++) {
    const y = row * w.strideHeight - w.padTop + i * w.dilationHeight;
    const line = dx + <usize>(y * w.inputWidth) * pixel;
    if (y < 0 || y >= w.inputHeight) {
      patch += <usize>w.filterWidth * pixel;
    } else if (inside) {
      addRun(patch, line + <usize>left * pixel, w.filterWidth * channels);
      patch += <usize>w.filterWidth * pixel;
    } else {
      for (let j = 0; j < w.filterWidth; j++) {
        const x = left + j * w.dilationWidth;
        if (x >= 0 && x < w.inputWidth) addRun(patch, line + <usize>x * pixel, channels);
        patch += pixel;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addRun(from: usize, to: usize, n: i32): void {
  while (n >= 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
    n -= 4;
  }
  while (n > 0) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
    n--;
  }
}
