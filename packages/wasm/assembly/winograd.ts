// Convolutions of 3 by 3 with stride 1 by Winograd's F(2×2, 3×3) (Lavin and Gray, 2015): a cell of 2 by
// 2 outputs takes 16 products for each pair of channels where the sum over patches takes 36. The cell
// is just what a max pool of 2 by 2 looks at, so transform, bias, relu and pool are one pass.
//
// Cells of a few images at a time are transformed into 16 matrices [cells, Ci], each is multiplied by
// the filter's [Ci, Co], and every 16 results of a cell and channel are transformed back.
import { loadUpTo, storeUpTo } from "./lanes";
import { constant } from "./math";
import { topOf, winnerOf } from "./pool-cell";
import { workspace } from "./thread";
import { computeTile, TILE_COLUMNS, TILE_ROWS } from "./tile";
import { bordered, inputImageBytes, Window } from "./window";

/** A unit is a group of images. */
// @ts-ignore: decorator
@unmanaged
class Winograd {
  x: usize;
  bias: usize;
  y: usize;
  /** As in convolution-pool.ts; 0 when nobody asks. */
  winners: usize;
  window: Window;
  /** Four byte offsets to a cell, for winners. */
  positions: usize;
  /** The transformed filter [16, panels, Ci, 8]. */
  filter: usize;
  floor: f32;
  cellsHigh: i32;
  cellsWide: i32;
  /** Images in a group. */
  group: i32;
  /** In the workspace: a bordered image, transformed cells, and one panel's products. */
  copy: usize;
  cells: usize;
  products: usize;
}

/** y = max pool of max(x ∗ filter + bias, floor). */
export function winogradMaxPool(record: usize, begin: i32, end: i32): void {
  const r = changetype<Winograd>(record);
  for (let unit = begin; unit < end; unit++) convolveGroup(r, unit, true);
}

/** y = max(x ∗ filter + bias, floor). */
export function winogradConv2d(record: usize, begin: i32, end: i32): void {
  const r = changetype<Winograd>(record);
  for (let unit = begin; unit < end; unit++) convolveGroup(r, unit, false);
}

function convolveGroup(r: Winograd, unit: i32, isPooled: bool): void {
  const w = r.window;
  const first = unit * r.group;
  const images = min(r.group, w.batch - first);
  const perImage = r.cellsHigh * r.cellsWide;
  const count = images * perImage;
  const cells = workspace + r.cells;
  const products = workspace + r.products;
  // Matrices are as far apart as the largest group needs, filled up to whole tiles.
  const most = ((r.group * perImage + TILE_ROWS - 1) / TILE_ROWS) * TILE_ROWS;
  const row = (<usize>w.inputChannels) << 2;
  const matrix = <usize>most * row;
  for (let i = 0; i < images; i++) {
    const image = r.x + <usize>(first + i) * inputImageBytes(w);
    const to = cells + <usize>(i * perImage) * row;
    transformImage(bordered(image, w, workspace + r.copy), to, matrix, r);
  }
  const panels = (w.outputChannels + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const panelBytes = (<usize>w.inputChannels) << 5;
  const step = (<usize>most) << 5;
  for (let panel = 0; panel < panels; panel++) {
    for (let k = 0; k < 16; k++) {
      const b = r.filter + <usize>(k * panels + panel) * panelBytes;
      multiplyCells(cells + <usize>k * matrix, row, count, b, panelBytes, products + <usize>k * step);
    }
    const channel = panel * TILE_COLUMNS;
    for (let half = 0; half < TILE_COLUMNS; half += 4) {
      const left = w.outputChannels - channel - half;
      if (left <= 0) break;
      const from = products + ((<usize>half) << 2);
      if (isPooled) poolCells(r, from, step, first, images, channel + half, left);
      else storeCells(r, from, step, first, images, channel + half, left);
    }
  }
}

/** Whole tiles of products, each as its rows of eight; rows past the last cell mean nothing. */
function multiplyCells(
  a: usize,
  row: usize,
  count: i32,
  b: usize,
  panelBytes: usize,
  to: usize,
): void {
  for (let i = 0; i < count; i += TILE_ROWS) {
    const row1 = a + row;
    const row2 = row1 + row;
    const row3 = row2 + row;
    const row4 = row3 + row;
    const row5 = row4 + row;
    computeTile(a, row1, row2, row3, row4, row5, 4, b, b + panelBytes, 32, to);
    a = row5 + row;
    to += TILE_ROWS * 32;
  }
}

/** Every cell's patch of 4 by 4 pixels, Bᵀ · d · B, into the 16 matrices. */
function transformImage(image: usize, to: usize, matrix: usize, r: Winograd): void {
  const w = r.window;
  const pixel = (<usize>w.inputChannels) << 2;
  const line = <usize>(w.paddedHeight == 0 ? w.inputWidth : w.paddedWidth) * pixel;
  for (let row = 0; row < r.cellsHigh; row++) {
    let patch = image + <usize>(2 * row) * line;
    for (let column = 0; column < r.cellsWide; column++) {
      transformPatch(patch, pixel, line, to, matrix, w.inputChannels);
      patch += 2 * pixel;
      to += pixel;
    }
  }
}

function transformPatch(
  patch: usize,
  pixel: usize,
  line: usize,
  to: usize,
  matrix: usize,
  channels: i32,
): void {
  for (let left = channels; left > 0; left -= 4) {
    const p1 = patch + line;
    const p2 = p1 + line;
    transformRow(patch, p2, false, pixel, to, matrix, left);
    transformRow(p1, p2, true, pixel, to + 4 * matrix, matrix, left);
    transformRow(p2, p1, false, pixel, to + 8 * matrix, matrix, left);
    transformRow(p1, p2 + line, false, pixel, to + 12 * matrix, matrix, left);
    patch += 16;
    to += 16;
  }
}

/** One row of Bᵀ · d, which is the sum or the difference of two rows of d, times B. */
// @ts-ignore: decorator
@inline
function transformRow(
  a: usize,
  b: usize,
  isSum: bool,
  pixel: usize,
  to: usize,
  matrix: usize,
  left: i32,
): void {
  const t0 = combine(v128.load(a), v128.load(b), isSum);
  const t1 = combine(v128.load(a + pixel), v128.load(b + pixel), isSum);
  const t2 = combine(v128.load(a + 2 * pixel), v128.load(b + 2 * pixel), isSum);
  const t3 = combine(v128.load(a + 3 * pixel), v128.load(b + 3 * pixel), isSum);
  storeUpTo(to, f32x4.sub(t0, t2), left);
  storeUpTo(to + matrix, f32x4.add(t1, t2), left);
  storeUpTo(to + 2 * matrix, f32x4.sub(t2, t1), left);
  storeUpTo(to + 3 * matrix, f32x4.sub(t1, t3), left);
}

// @ts-ignore: decorator
@inline
function combine(a: v128, b: v128, isSum: bool): v128 {
  return isSum ? f32x4.add(a, b) : f32x4.sub(a, b);
}

/** The sums of a column of a cell's 16 products that make its upper and its lower output. */
// @ts-ignore: decorator
@inline
function upper(p: usize, step: usize): v128 {
  return f32x4.add(f32x4.add(v128.load(p), v128.load(p + 4 * step)), v128.load(p + 8 * step));
}

// @ts-ignore: decorator
@inline
function lower(p: usize, step: usize): v128 {
  const difference = f32x4.sub(v128.load(p + 4 * step), v128.load(p + 8 * step));
  return f32x4.sub(difference, v128.load(p + 12 * step));
}

// @ts-ignore: decorator
@inline
function leftOf(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.add(a, b), c);
}

// @ts-ignore: decorator
@inline
function rightOf(b: v128, c: v128, d: v128): v128 {
  return f32x4.sub(f32x4.sub(b, c), d);
}

/** Four channels of all cells: outputs, bias, relu, pool. */
function poolCells(
  r: Winograd,
  from: usize,
  step: usize,
  first: i32,
  images: i32,
  channel: i32,
  left: i32,
): void {
  const channels = r.window.outputChannels;
  const row = (<usize>channels) << 2;
  const perImage = r.cellsHigh * r.cellsWide;
  const bias = r.bias == 0 ? constant(0) : loadUpTo(r.bias + ((<usize>channel) << 2), left, 0);
  const least = constant(r.floor);
  const offset = (<usize>(first * perImage * channels + channel)) << 2;
  let y = r.y + offset;
  let winners: usize = r.winners == 0 ? 0 : r.winners + offset;
  for (let i = 0; i < images; i++) {
    let positions = r.positions;
    for (let cell = 0; cell < perImage; cell++) {
      const upper0 = upper(from, step);
      const upper1 = upper(from + step, step);
      const upper2 = upper(from + 2 * step, step);
      const upper3 = upper(from + 3 * step, step);
      const v0 = leftOf(upper0, upper1, upper2);
      const v1 = rightOf(upper1, upper2, upper3);
      const lower0 = lower(from, step);
      const lower1 = lower(from + step, step);
      const lower2 = lower(from + 2 * step, step);
      const lower3 = lower(from + 3 * step, step);
      const v2 = leftOf(lower0, lower1, lower2);
      const v3 = rightOf(lower1, lower2, lower3);
      const top = topOf(v0, v1, v2, v3, bias, least);
      storeUpTo(y, top, left);
      y += row;
      if (winners != 0) {
        const at0 = v128.load_splat<u32>(positions);
        const at1 = v128.load_splat<u32>(positions, 4);
        const at2 = v128.load_splat<u32>(positions, 8);
        const at3 = v128.load_splat<u32>(positions, 12);
        storeUpTo(winners, winnerOf(v0, v1, v2, v3, at0, at1, at2, at3, top, least), left);
        winners += row;
      }
      positions += 16;
      from += 32;
    }
  }
}

/** Four channels of all cells: outputs, bias, relu; what lies past the last row or column is dropped. */
function storeCells(
  r: Winograd,
  from: usize,
  step: usize,
  first: i32,
  images: i32,
  channel: i32,
  left: i32,
): void {
  const w = r.window;
  const pixel = (<usize>w.outputChannels) << 2;
  const line = <usize>w.outputWidth * pixel;
  const bias = r.bias == 0 ? constant(0) : loadUpTo(r.bias + ((<usize>channel) << 2), left, 0);
  const least = constant(r.floor);
  let y = r.y + <usize>(first * w.outputHeight) * line + ((<usize>channel) << 2);
  for (let i = 0; i < images; i++) {
    for (let row = 0; row < r.cellsHigh; row++) {
      const isLow = 2 * row + 1 < w.outputHeight;
      const at = y + <usize>(2 * row) * line;
      for (let column = 0; column < r.cellsWide; column++) {
        const isRight = 2 * column + 1 < w.outputWidth;
        const target = at + <usize>(2 * column) * pixel;
        const upper0 = upper(from, step);
        const upper1 = upper(from + step, step);
        const upper2 = upper(from + 2 * step, step);
        const upper3 = upper(from + 3 * step, step);
        storeUpTo(target, finish(leftOf(upper0, upper1, upper2), bias, least), left);
        if (isRight) {
          storeUpTo(target + pixel, finish(rightOf(upper1, upper2, upper3), bias, least), left);
        }
        if (isLow) {
          const lower0 = lower(from, step);
          const lower1 = lower(from + step, step);
          const lower2 = lower(from + 2 * step, step);
          const lower3 = lower(from + 3 * step, step);
          const below = target + line;
          storeUpTo(below, finish(leftOf(lower0, lower1, lower2), bias, least), left);
          if (isRight) {
            storeUpTo(below + pixel, finish(rightOf(lower1, lower2, lower3), bias, least), left);
          }
        }
        from += 32;
      }
    }
    y += <usize>w.outputHeight * line;
  }
}

// @ts-ignore: decorator
@inline
function finish(sum: v128, bias: v128, least: v128): v128 {
  return f32x4.pmax(f32x4.add(sum, bias), least);
}
