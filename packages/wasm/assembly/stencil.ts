// Convolution and max pool for images of one channel and filters of 3 by 3, as the first layer of
// nearly every network on grey pictures has: too few taps to make a tile worth its start and end.
// Nine weights stay in registers while four positions, a cell of the pool, are summed.
import { constant, madd } from "./math";
import { storeUpTo } from "./lanes";
import { topOf, winnerOf } from "./pool-cell";
import { workspace } from "./thread";
import { bordered, inputImageBytes, Window } from "./window";

/** As ConvolutionPool's of convolution-pool.ts, which says what the fields mean. */
// @ts-ignore: decorator
@unmanaged
class Stencil {
  x: usize;
  bias: usize;
  y: usize;
  winners: usize;
  window: Window;
  /** The filter [9, Co]. */
  filter: usize;
  floor: f32;
  pooledHeight: i32;
  pooledWidth: i32;
  copy: usize;
  /** In the workspace: the weights by four channels, and a row of cells, four vectors each. */
  weights: usize;
  outputs: usize;
}

/** A unit is an image. */
export function stencilMaxPool(record: usize, begin: i32, end: i32): void {
  const r = changetype<Stencil>(record);
  const w = r.window;
  const channels = w.outputChannels;
  const line = (<usize>(w.paddedHeight == 0 ? w.inputWidth : w.paddedWidth)) << 2;
  const step = (<usize>channels) << 2;
  const rowBytes = <usize>r.pooledWidth * step;
  const weights = workspace + r.weights;
  const outputs = workspace + r.outputs;
  gatherWeights(r.filter, channels, weights);
  for (let i = begin; i < end; i++) {
    const image = bordered(r.x + <usize>i * inputImageBytes(w), w, workspace + r.copy);
    for (let row = 0; row < r.pooledHeight; row++) {
      const from = image + <usize>(2 * row) * line;
      const rowEnd = from + ((<usize>r.pooledWidth) << 3);
      const offset = <usize>(i * r.pooledHeight + row) * rowBytes;
      for (let c = 0; c < channels; c += 4) {
        const at = (<usize>c) << 2;
        const bias = r.bias == 0 ? constant(0) : v128.load(r.bias + at);
        const y = r.y + offset + at;
        const winners: usize = r.winners == 0 ? 0 : r.winners + offset + at;
        sumCells(from, rowEnd, line, weights + <usize>c * 36, outputs);
        poolRow(r, outputs, from - image, line, bias, y, winners, step, channels - c);
      }
    }
  }
}

/** [⌈Co / 4⌉, 9, 4] out of the filter [9, Co]. */
function gatherWeights(filter: usize, channels: i32, to: usize): void {
  const step = (<usize>channels) << 2;
  for (let c = 0; c < channels; c += 4) {
    const from = filter + ((<usize>c) << 2);
    for (let tap = 0; tap < 9; tap++) {
      v128.store(to, v128.load(from + <usize>tap * step));
      to += 16;
    }
  }
}

/** A row of cells: for each, sums of four positions and four channels. Bare, as tile.ts says. */
export function sumCells(p: usize, end: usize, line: usize, weights: usize, out: usize): void {
  const w0 = v128.load(weights);
  const w1 = v128.load(weights, 16);
  const w2 = v128.load(weights, 32);
  const w3 = v128.load(weights, 48);
  const w4 = v128.load(weights, 64);
  const w5 = v128.load(weights, 80);
  const w6 = v128.load(weights, 96);
  const w7 = v128.load(weights, 112);
  const w8 = v128.load(weights, 128);
  while (p < end) {
    let x = v128.load_splat<f32>(p);
    let a = f32x4.mul(x, w0);
    x = v128.load_splat<f32>(p, 4);
    a = madd(x, w1, a);
    let b = f32x4.mul(x, w0);
    x = v128.load_splat<f32>(p, 8);
    a = madd(x, w2, a);
    b = madd(x, w1, b);
    x = v128.load_splat<f32>(p, 12);
    b = madd(x, w2, b);
    const p1 = p + line;
    x = v128.load_splat<f32>(p1);
    a = madd(x, w3, a);
    let c = f32x4.mul(x, w0);
    x = v128.load_splat<f32>(p1, 4);
    a = madd(x, w4, a);
    b = madd(x, w3, b);
    c = madd(x, w1, c);
    let d = f32x4.mul(x, w0);
    x = v128.load_splat<f32>(p1, 8);
    a = madd(x, w5, a);
    b = madd(x, w4, b);
    c = madd(x, w2, c);
    d = madd(x, w1, d);
    x = v128.load_splat<f32>(p1, 12);
    b = madd(x, w5, b);
    d = madd(x, w2, d);
    const p2 = p1 + line;
    x = v128.load_splat<f32>(p2);
    a = madd(x, w6, a);
    c = madd(x, w3, c);
    x = v128.load_splat<f32>(p2, 4);
    a = madd(x, w7, a);
    b = madd(x, w6, b);
    c = madd(x, w4, c);
    d = madd(x, w3, d);
    x = v128.load_splat<f32>(p2, 8);
    a = madd(x, w8, a);
    b = madd(x, w7, b);
    c = madd(x, w5, c);
    d = madd(x, w4, d);
    x = v128.load_splat<f32>(p2, 12);
    b = madd(x, w8, b);
    d = madd(x, w5, d);
    const p3 = p2 + line;
    x = v128.load_splat<f32>(p3);
    c = madd(x, w6, c);
    x = v128.load_splat<f32>(p3, 4);
    c = madd(x, w7, c);
    d = madd(x, w6, d);
    x = v128.load_splat<f32>(p3, 8);
    c = madd(x, w8, c);
    d = madd(x, w7, d);
    x = v128.load_splat<f32>(p3, 12);
    d = madd(x, w8, d);
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    p += 8;
    out += 64;
  }
}

/** Bias, relu and pool of a row of cells. @param offset of the row's first patch in the image */
function poolRow(
  r: Stencil,
  sums: usize,
  offset: usize,
  line: usize,
  bias: v128,
  y: usize,
  winners: usize,
  step: usize,
  left: i32,
): void {
  const least = constant(r.floor);
  const below = i32x4.splat(<i32>line);
  let at0 = i32x4.splat(<i32>offset);
  const end = sums + ((<usize>r.pooledWidth) << 6);
  while (sums < end) {
    const v0 = v128.load(sums);
    const v1 = v128.load(sums, 16);
    const v2 = v128.load(sums, 32);
    const v3 = v128.load(sums, 48);
    const top = topOf(v0, v1, v2, v3, bias, least);
    storeUpTo(y, top, left);
    y += step;
    if (winners != 0) {
      const at2 = i32x4.add(at0, below);
      const at1 = i32x4.add(at0, i32x4.splat(4));
      const at3 = i32x4.add(at2, i32x4.splat(4));
      storeUpTo(winners, winnerOf(v0, v1, v2, v3, at0, at1, at2, at3, top, least), left);
      winners += step;
      at0 = i32x4.add(at0, i32x4.splat(8));
    }
    sums += 64;
  }
}
