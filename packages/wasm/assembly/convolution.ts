// Convolutions as matrix products over one image at a time, whose rows and terms are looked up in
// two tables the host makes: `positions` (byte offset of each output position's patch in the image)
// and `taps` (byte offset of each filter tap and channel inside a patch). Patches are read where
// they lie; only padding costs a copy of the image, with a border of zeros.
import { transposeMatrix } from "./copy";
import { multiply, packPanels, packTransposed } from "./product";
import { addSparseFilterGradient, addSparseInputGradient, isSparse } from "./sparse";
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
 * @param copy room for one bordered image @param packed taps·⌈Co / 8⌉·32 bytes
 */
export function conv2d(
  x: usize,
  filter: usize,
  bias: usize,
  y: usize,
  window: usize,
  positions: usize,
  taps: usize,
  copy: usize,
  scratch: usize,
  packed: usize,
  floor: f32,
): void {
  const w = changetype<Window>(window);
  const m = w.outputHeight * w.outputWidth;
  const k = w.filterHeight * w.filterWidth * w.inputChannels;
  const n = w.outputChannels;
  const panel = (<usize>k) << 5;
  const stepY = (<usize>n) << 2;
  packPanels(filter, k, n, packed);
  for (let i = 0; i < w.batch; i++) {
    const image = bordered(x, w, copy);
    multiply(image, positions, m, taps, k, packed, 32, panel, n, bias, 0, y, stepY, floor, scratch);
    x += inputImageBytes(w);
    y += outputImageBytes(w);
  }
}

/**
 * dFilter = Σ over images and positions of patch ⊗ dy: the tables change places.
 * @param turned room for the filter as [Co, taps] @param lists room for the non-zeros of one image's
 * dy; both 0 where the filter's rows do not suit sparse.ts
 */
export function conv2dBackpropFilter(
  x: usize,
  dy: usize,
  dFilter: usize,
  window: usize,
  positions: usize,
  taps: usize,
  copy: usize,
  scratch: usize,
  turned: usize,
  lists: usize,
): void {
  const w = changetype<Window>(window);
  const m = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputHeight * w.outputWidth;
  const n = w.outputChannels;
  const step = (<usize>n) << 2;
  const sparse = lists != 0 && isSparse(dy, w.batch * k * n);
  const sums = sparse ? turned : dFilter;
  memory.fill(sums, 0, <usize>m * step);
  for (let i = 0; i < w.batch; i++) {
    const image = bordered(x, w, copy);
    if (sparse) {
      addSparseFilterGradient(dy, image, turned, w, positions, taps, lists);
    } else {
      multiply(
        image,
        taps,
        m,
        positions,
        k,
        dy,
        step,
        32,
        n,
        sums,
        step,
        sums,
        step,
        -Infinity,
        scratch,
      );
    }
    x += inputImageBytes(w);
    dy += outputImageBytes(w);
  }
  if (sparse) transposeMatrix(turned, dFilter, 1, n, m);
}

/**
 * dx: each position's patch of gradients, dy · filterᵀ, added where the patch lay.
 * @param positions patch offsets in the image, or in its bordered copy
 * @param turned, lists as for conv2dBackpropFilter
 * @param pixels, channels tables of dy's byte offsets @param packed Co·⌈taps / 8⌉·32 bytes
 * @param patches `block`·taps·4 bytes @param block positions computed at a time
 */
export function conv2dBackpropInput(
  dy: usize,
  filter: usize,
  dx: usize,
  window: usize,
  positions: usize,
  taps: usize,
  copy: usize,
  scratch: usize,
  turned: usize,
  lists: usize,
  pixels: usize,
  channels: usize,
  packed: usize,
  patches: usize,
  block: i32,
): void {
  const w = changetype<Window>(window);
  const n = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputChannels;
  const total = w.outputHeight * w.outputWidth;
  const panel = (<usize>k) << 5;
  const step = (<usize>n) << 2;
  const sparse = lists != 0 && isSparse(dy, w.batch * total * k);
  if (sparse) transposeMatrix(filter, turned, 1, n, k);
  else packTransposed(filter, k, n, packed);
  const imageBytes = inputImageBytes(w);
  const targetBytes =
    w.paddedHeight == 0
      ? imageBytes
      : (<usize>(w.paddedHeight * w.paddedWidth * w.inputChannels)) << 2;
  for (let i = 0; i < w.batch; i++) {
    const target = w.paddedHeight == 0 ? dx : copy;
    memory.fill(target, 0, targetBytes);
    if (sparse) {
      addSparseInputGradient(dy, target, turned, w, positions, taps, lists);
    } else {
      for (let first = 0; first < total; first += block) {
        const m = min(block, total - first);
        const from = dy + ((<usize>first * k) << 2);
        multiply(
          from,
          pixels,
          m,
          channels,
          k,
          packed,
          32,
          panel,
          n,
          0,
          0,
          patches,
          step,
          -Infinity,
          scratch,
        );
        addPatches(patches, target, w, positions + ((<usize>first) << 2), m, taps);
      }
    }
    if (w.paddedHeight != 0) cropBorder(target, dx, w);
    dy += outputImageBytes(w);
    dx += imageBytes;
  }
}

/** Adds the patches of `count` positions where they lay. */
function addPatches(
  patch: usize,
  image: usize,
  w: Window,
  positions: usize,
  count: i32,
  taps: usize,
): void {
  // Neighbouring taps lie side by side unless the filter is dilated.
  const run = w.dilationWidth == 1 ? w.filterWidth * w.inputChannels : w.inputChannels;
  const n = w.filterHeight * w.filterWidth * w.inputChannels;
  for (let p = 0; p < count; p++) {
    const at = image + load<u32>(positions + ((<usize>p) << 2));
    for (let t = 0; t < n; t += run) {
      addRun(patch, at + load<u32>(taps + ((<usize>t) << 2)), run);
      patch += (<usize>run) << 2;
    }
  }
}

/** dx is the inside of its bordered copy; what no window reached is zero. */
function cropBorder(copy: usize, dx: usize, w: Window): void {
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
