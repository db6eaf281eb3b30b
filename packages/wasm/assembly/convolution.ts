// Convolutions and their gradients as products of patches (patches.ts), an image at a time, for any
// filter, stride, dilation and padding. Two tables the host makes name the patches: `positions` (byte
// offset of each output position's patch in the image) and `taps` (of each element in a patch).
import { multiplyPatches } from "./patches";
import { workspace } from "./thread";
import { TILE_COLUMNS } from "./tile";
import {
  bordered,
  cropBorder,
  inputImageBytes,
  outputImageBytes,
  readImageBytes,
  Window,
} from "./window";

/** y = max(x ∗ filter + bias, floor). A unit is an image. */
// @ts-ignore: decorator
@unmanaged
class Convolution {
  x: usize;
  bias: usize;
  y: usize;
  window: Window;
  positions: usize;
  taps: usize;
  /** The filter in panels. */
  packed: usize;
  floor: f32;
  /** In the workspace: one bordered image, and what a tile needs. */
  copy: usize;
  scratch: usize;
}

export function conv2d(record: usize, begin: i32, end: i32): void {
  const r = changetype<Convolution>(record);
  const w = r.window;
  const m = w.outputHeight * w.outputWidth;
  const k = w.filterHeight * w.filterWidth * w.inputChannels;
  const n = w.outputChannels;
  const panels = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  for (let i = begin; i < end; i++) {
    const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
    multiplyPatches(
      image,
      r.positions,
      m,
      r.taps,
      k,
      r.packed,
      32,
      (<usize>k) << 5,
      n,
      0,
      panels,
      r.bias,
      0,
      r.y + <usize>i * outputImageBytes(w),
      (<usize>n) << 2,
      r.floor,
      workspace + r.scratch,
    );
  }
}

/**
 * partials [chunks, taps, Co]: each the sum over its share of the images of patch ⊗ dy. A unit is a
 * panel of eight channels of one chunk. dy has columns to spare behind its last panel.
 */
// @ts-ignore: decorator
@unmanaged
class FilterGradient {
  x: usize;
  dy: usize;
  partials: usize;
  window: Window;
  positions: usize;
  taps: usize;
  copy: usize;
  scratch: usize;
  chunks: i32;
  panels: i32;
}

export function conv2dBackpropFilter(record: usize, begin: i32, end: i32): void {
  const r = changetype<FilterGradient>(record);
  const w = r.window;
  const m = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputHeight * w.outputWidth;
  const n = w.outputChannels;
  const step = (<usize>n) << 2;
  for (let unit = begin; unit < end; ) {
    const chunk = unit / r.panels;
    const first = unit - chunk * r.panels;
    const last = min(r.panels, first + end - unit);
    const sums = r.partials + <usize>(chunk * m) * step;
    const firstImage = (w.batch * chunk) / r.chunks;
    const endImage = (w.batch * (chunk + 1)) / r.chunks;
    for (let i = firstImage; i < endImage; i++) {
      multiplyPatches(
        bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy),
        r.taps,
        m,
        r.positions,
        k,
        r.dy + <usize>i * outputImageBytes(w),
        step,
        32,
        n,
        first,
        last,
        i == firstImage ? 0 : sums,
        step,
        sums,
        step,
        -Infinity,
        workspace + r.scratch,
      );
    }
    unit += last - first;
  }
}

/** dx: each position's patch of gradients, dy · filterᵀ, added where the patch lay. A unit is an image. */
// @ts-ignore: decorator
@unmanaged
class InputGradient {
  dy: usize;
  dx: usize;
  window: Window;
  positions: usize;
  taps: usize;
  /** The filter, turned, in panels. */
  packed: usize;
  /** Tables of dy's byte offsets, for `block` positions and for its channels. */
  pixels: usize;
  channels: usize;
  block: i32;
  copy: usize;
  scratch: usize;
  /** In the workspace: `block` patches. */
  patches: usize;
}

export function conv2dBackpropInput(record: usize, begin: i32, end: i32): void {
  const r = changetype<InputGradient>(record);
  const w = r.window;
  const n = w.filterHeight * w.filterWidth * w.inputChannels;
  const k = w.outputChannels;
  const total = w.outputHeight * w.outputWidth;
  const panels = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const patches = workspace + r.patches;
  for (let i = begin; i < end; i++) {
    const dy = r.dy + <usize>i * outputImageBytes(w);
    const dx = r.dx + <usize>i * inputImageBytes(w);
    const target = w.paddedHeight == 0 ? dx : workspace + r.copy;
    memory.fill(target, 0, readImageBytes(w));
    for (let first = 0; first < total; first += r.block) {
      const m = min(r.block, total - first);
      multiplyPatches(
        dy + ((<usize>(first * k)) << 2),
        r.pixels,
        m,
        r.channels,
        k,
        r.packed,
        32,
        (<usize>k) << 5,
        n,
        0,
        panels,
        0,
        0,
        patches,
        (<usize>n) << 2,
        -Infinity,
        workspace + r.scratch,
      );
      addPatches(patches, target, w, r.positions + ((<usize>first) << 2), m, r.taps);
    }
    if (w.paddedHeight != 0) cropBorder(target, dx, w);
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
